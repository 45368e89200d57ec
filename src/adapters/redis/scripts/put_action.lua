-- Stores an action, unless it is stored.
-- KEYS 1 realm
-- ARGV 1 id, 2 action (JSON), 3 when it expires (ms), 4 when to drop it (ms), 5 now (ms), 6 max actions,
--   7 entry of the audit log (JSON)
-- returns 1, or 0 if there is no room
-- uses actions, audit, events

local id, action, now_ms = ARGV[1], ARGV[2], tonumber(ARGV[5])

if call("HEXISTS", k_actions, id) == 1 then return 1 end
if call("HLEN", k_actions) >= tonumber(ARGV[6]) then return 0 end
call("HSET", k_actions, id, action)
call("ZADD", k_action_expiry, ARGV[3], id)
call("ZADD", k_action_drops, ARGV[4], id)
number_action(id, now_ms)
log_event(string.format(RULES.log_action_taken, action), now_ms)
log_act(ARGV[7], now_ms)
return 1
