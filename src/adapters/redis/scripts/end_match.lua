-- Ends a match at the request of an operator.
-- KEYS 1 realm
-- ARGV 1 match id, 2 now (ms)
-- returns "ended" or "over"
-- uses parting

local match_id, now_ms = ARGV[1], tonumber(ARGV[2])

if not match_of(match_id).start then return "over" end
part(match_id, "dismissed", "offerer", now_ms)()
return "ended"
