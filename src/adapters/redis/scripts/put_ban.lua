-- Replaces the latest ban of a network. A lifted ban records that the network is no longer banned.
-- KEYS 1 realm
-- ARGV 1 network, 2 ban (JSON), 3 when to forget it (ms), 4 now (ms), 5 max bans, 6 entry of the audit log (JSON)
-- returns 1 if the previous ban was in force, else 0; "full" if there is no room
-- uses bans, audit, events

local key, ban, remembered_until_ms, now_ms = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])

local was_banned = is_in_force(latest_ban(key), now_ms)
if not put_ban(key, ban, remembered_until_ms, now_ms, tonumber(ARGV[5])) then return "full" end
log_act(ARGV[6], now_ms)
if not cjson.decode(ban).liftedMs then log_event(string.format(RULES.log_banned, ban), now_ms)
elseif was_banned then log_event(string.format(RULES.log_unbanned, key), now_ms) end
return was_banned and 1 or 0
