-- Puts a ban in the place of the network's one before; a lifted one tells that there was none any more.
-- KEYS 1 realm
-- ARGV 1 network, 2 ban (JSON), 3 until when it is remembered (ms), 4 now (ms), 5 most bans
-- returns 1 if the one before was in force, else 0; "full" without room
-- uses bans

local key, ban, remembered_until_ms, now_ms = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])

local was_banned = is_in_force(latest_ban(key), now_ms)
if not put_ban(key, ban, remembered_until_ms, now_ms, tonumber(ARGV[5])) then return "full" end
return was_banned and 1 or 0
