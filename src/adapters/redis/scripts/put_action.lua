-- Stores an action, unless it is stored.
-- KEYS 1 realm
-- ARGV 1 id, 2 action (JSON), 3 when it expires (ms), 4 when to drop it (ms), 5 now (ms), 6 max actions,
--   7 entry of the audit log (JSON)
-- returns { action (JSON) that is stored, lift (JSON) or empty, when it was acknowledged (ms) or empty }, all empty if
--   there is no room
-- uses actions, audit, events

local id, action, now_ms = ARGV[1], ARGV[2], tonumber(ARGV[5])

local former = call("HGET", k_actions, id)
if former then
  return { former, call("HGET", k_action_lifts, id) or "", call("HGET", k_action_acknowledged, id) or "" }
end
if call("HLEN", k_actions) >= tonumber(ARGV[6]) then return { "", "", "" } end
call("HSET", k_actions, id, action)
call("ZADD", k_action_expiry, ARGV[3], id)
call("ZADD", k_action_drops, ARGV[4], id)
number_action(id, cjson.decode(action).addressKey, now_ms)
log_event(string.format(RULES.log_action_taken, action), now_ms)
log_act(ARGV[7], now_ms)
return { action, "", "" }
