-- Adds an entry to the audit log.
-- KEYS 1 realm
-- ARGV 1 entry (JSON), 2 now (ms)
-- returns nothing
-- uses audit

log_act(ARGV[1], tonumber(ARGV[2]))
