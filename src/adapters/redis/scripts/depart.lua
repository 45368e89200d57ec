-- Closes a guest of a match, which ends if it runs.
-- KEYS 1 realm
-- ARGV 1 guest, 2 match id, 3 cause, 4 role of the initiator, 5 now (ms)
-- uses visiting

local guest, match_id, cause, initiator, now_ms = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])

if session_of(guest).visit == match_id then close_guest(guest, cause, initiator, now_ms) end
