-- Returns actions before or after a number.
-- KEYS 1 realm
-- ARGV 1 "before" (the newest first) or "after" (the oldest first), 2 number, 3 limit,
--   4 key that they are about, or empty for all
-- returns { number, action (JSON), lift (JSON) or empty, when it was acknowledged (ms) or empty, … }
-- uses actions

local side, number, limit, key = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local list = side == "before" and numbers_before or numbers_after
local order = key == "" and k_action_order or k_actions_about(key)

-- Adds the actions that an older version stored to the sets of what they are about, once.
local function complete_index()
  if call("HSETNX", base .. ":records", "actions-about", "1") == 0 then return end
  for _, id in ipairs(call("ZRANGE", k_action_order, 0, -1)) do
    local about = cjson.decode(call("HGET", k_actions, id)).addressKey
    call("ZADD", k_actions_about(about), call("ZSCORE", k_action_order, id), id)
  end
end

if key ~= "" then complete_index() end

local answer = {}
for _, id in ipairs(list(order, number, limit)) do
  local action = call("HGET", k_actions, id)
  if action then
    answer[#answer + 1] = exact(call("ZSCORE", k_action_order, id))
    answer[#answer + 1] = action
    answer[#answer + 1] = call("HGET", k_action_lifts, id) or ""
    answer[#answer + 1] = call("HGET", k_action_acknowledged, id) or ""
  else
    call("ZREM", order, id) -- an older version dropped it
  end
end
return answer
