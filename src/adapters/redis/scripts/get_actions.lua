-- Returns the stored ones of these actions.
-- KEYS 1 realm
-- ARGV 1… actions
-- returns { action (JSON), lift (JSON) or empty, when it was acknowledged (ms) or empty, … }
-- uses actions

local answer = {}
for _, id in ipairs(ARGV) do
  local action = call("HGET", k_actions, id)
  if action then
    answer[#answer + 1] = action
    answer[#answer + 1] = call("HGET", k_action_lifts, id) or ""
    answer[#answer + 1] = call("HGET", k_action_acknowledged, id) or ""
  end
end
return answer
