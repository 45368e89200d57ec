-- Returns the commands without an outcome, the oldest first, and what the others took from the chain.
-- KEYS 1 realm
-- returns { spent, command (JSON), when the node was asked (ms) or empty, … }
-- uses channels

local answer = { exact(spent_sat()) }
for _, id in ipairs(call("ZRANGE", k_commands_due, 0, -1)) do
  local stored = stored_command(id)
  answer[#answer + 1] = stored[1]
  answer[#answer + 1] = stored[2]
end
return answer
