-- Returns commands to the operator's node before a number, the newest first.
-- KEYS 1 realm
-- ARGV 1 number, 2 limit
-- returns { number, command (JSON), when the node was asked (ms) or empty, outcome (JSON) or empty, … }
-- uses channels

local answer = {}
for _, id in ipairs(numbers_before(k_command_order, ARGV[1], ARGV[2])) do
  answer[#answer + 1] = exact(call("ZSCORE", k_command_order, id))
  for _, part in ipairs(stored_command(id)) do answer[#answer + 1] = part end
end
return answer
