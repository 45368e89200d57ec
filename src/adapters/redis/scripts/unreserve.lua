-- Returns a reserved session to its place.
-- KEYS 1 realm
-- ARGV 1 session id, 2 match id, 3 now (ms)
-- uses reserved, pairing

local session_id, now_ms = ARGV[1], tonumber(ARGV[3])

if not reserved_for(session_id, ARGV[2]) then return end
put(session_of(session_id), "reserved", nil)
revisit(session_id, now_ms)
