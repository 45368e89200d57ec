-- Closes a guest of a match, which ends if it runs.
-- KEYS 1 realm
-- ARGV 1 guest, 2 match id, 3 cause, 4 role of the initiator, 5 now (ms)
-- uses visiting

if call("HGET", k_session(ARGV[1]), "visit") == ARGV[2] then close_guest(ARGV[1], ARGV[3], ARGV[4], tonumber(ARGV[5])) end
