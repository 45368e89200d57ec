-- Deletes actions that need not be stored any more.
-- KEYS 1 realm
-- ARGV 1 now (ms), 2 limit
-- returns 1 if there may be more, else 0
-- uses actions

local limit = tonumber(ARGV[2])
local over = call("ZRANGEBYSCORE", k_action_drops, "-inf", ARGV[1], "LIMIT", 0, limit)
for _, id in ipairs(over) do
  local about = cjson.decode(call("HGET", k_actions, id)).addressKey
  call("ZREM", k_actions_about(about), id)
  call("HDEL", k_actions, id)
  call("HDEL", k_action_lifts, id)
  call("HDEL", k_action_acknowledged, id)
  call("ZREM", k_action_order, id)
  call("ZREM", k_action_expiry, id)
  call("ZREM", k_action_drops, id)
end
return #over == limit and 1 or 0
