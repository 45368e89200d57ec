-- Lifts an action that is in force.
-- KEYS 1 realm
-- ARGV 1 id, 2 lift (JSON), 3 now (ms), 4 when to drop it (ms), 5 who lifts it
-- returns { action (JSON) or empty, lift (JSON) or empty, when it was acknowledged (ms) or empty,
--   "1" if it was in force }
-- uses actions, audit, events

local id, lift, now_ms = ARGV[1], ARGV[2], tonumber(ARGV[3])

local action = call("HGET", k_actions, id)
if not action then return { "", "", "", "0" } end
local acknowledged = call("HGET", k_action_acknowledged, id) or ""
local former = call("HGET", k_action_lifts, id)
if former then return { action, former, acknowledged, "0" } end
if tonumber(call("ZSCORE", k_action_expiry, id)) <= now_ms then return { action, "", acknowledged, "0" } end
call("HSET", k_action_lifts, id, lift)
call("ZADD", k_action_drops, ARGV[4], id)
local decoded = cjson.decode(action)
number_action(id, decoded.addressKey, now_ms)
log_event(string.format(RULES.log_action_lifted, action, lift), now_ms)
log_act(action_entry("action_lifted", decoded, ARGV[5]), now_ms)
return { action, lift, acknowledged, "1" }
