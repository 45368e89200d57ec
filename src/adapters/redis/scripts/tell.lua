-- Appends an event to the mailbox of a session, if there is one.
-- KEYS 1 realm
-- ARGV 1 session id, 2 event (JSON), 3 its bytes, 4 now (ms)
-- uses mail

tell(ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]))
