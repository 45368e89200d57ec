-- Takes a guest of a match over, which ends its absence.
-- KEYS 1 realm
-- ARGV 1 guest, 2 match id, 3 node, 4 now (ms)
-- returns { "unknown" } or { "staying", stay (see stay_of) }
-- uses visiting, attaching

local guest, match_id, node, now_ms = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])

if session_of(guest).visit ~= match_id then return { "unknown" } end
if activity_of(guest, now_ms).state ~= "matched" then return { "unknown" } end
local was_away = open_stream(guest, node)
call("ZREM", k_strays, guest)
if was_away then
  append(partner_of(session_of(guest)), string.format(RULES.event_partner_back, match_id), 64, now_ms)
end
return { "staying", stay_of(guest) }
