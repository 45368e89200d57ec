-- Ends a match of a session whose other half was lost.
-- KEYS 1 realm
-- ARGV 1 session id, 2 now (ms)
-- uses repairing

activity_of(ARGV[1], tonumber(ARGV[2]))
