-- Lets a session out of a match whose other half was lost.
-- KEYS 1 realm
-- ARGV 1 session id, 2 now (ms)
-- uses mending

doing_of(ARGV[1], tonumber(ARGV[2]))
