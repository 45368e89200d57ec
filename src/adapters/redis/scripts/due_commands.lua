-- Returns the commands without an outcome, the oldest first, what the others took from the chain, and what is booked
-- for a day.
-- KEYS 1 realm
-- ARGV 1 day
-- returns { spent, opens of the day, fees of the day, command (JSON), when the node was asked (ms) or empty, … }
-- uses channels

local opens, fees = used_on(ARGV[1])
local answer = { exact(spent_sat()), exact(opens), exact(fees) }
for _, id in ipairs(call("ZRANGE", k_commands_due, 0, -1)) do
  local stored = stored_command(id)
  answer[#answer + 1] = stored[1]
  answer[#answer + 1] = stored[2]
end
return answer
