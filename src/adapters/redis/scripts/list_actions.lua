-- Returns actions before or after a number.
-- KEYS 1 realm
-- ARGV 1 "before" (the newest first) or "after" (the oldest first), 2 number, 3 limit
-- returns { number, action (JSON), lift (JSON) or empty, when it was acknowledged (ms) or empty, … }
-- uses actions

local side, number, limit = ARGV[1], ARGV[2], ARGV[3]
local list = side == "before" and numbers_before or numbers_after

local answer = {}
for _, id in ipairs(list(k_action_order, number, limit)) do
  answer[#answer + 1] = exact(call("ZSCORE", k_action_order, id))
  answer[#answer + 1] = call("HGET", k_actions, id)
  answer[#answer + 1] = call("HGET", k_action_lifts, id) or ""
  answer[#answer + 1] = call("HGET", k_action_acknowledged, id) or ""
end
return answer
