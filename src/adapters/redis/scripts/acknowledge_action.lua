-- Notes that a warning in force was acknowledged by those whom it is about, as `isAcknowledgedBy` of `core/action.ts`.
-- KEYS 1 realm
-- ARGV 1 id, 2 now (ms), 3… keys of those who acknowledge it
-- returns 1 if it had not been, else 0
-- uses actions, events

local id, now_ms = ARGV[1], tonumber(ARGV[2])

local action = call("HGET", k_actions, id)
if not action or call("HEXISTS", k_action_lifts, id) == 1 then return 0 end
if call("HEXISTS", k_action_acknowledged, id) == 1 then return 0 end
if tonumber(call("ZSCORE", k_action_expiry, id)) <= now_ms then return 0 end

local about = cjson.decode(action)
local is_theirs = false
for index = 3, #ARGV do is_theirs = is_theirs or ARGV[index] == about.addressKey end
if about.kind ~= "warn" or not is_theirs then return 0 end

call("HSET", k_action_acknowledged, id, ARGV[2])
number_action(id, about.addressKey, now_ms)
log_event(string.format(RULES.log_action_acknowledged, action), now_ms)
return 1
