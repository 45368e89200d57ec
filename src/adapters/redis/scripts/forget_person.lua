-- Deletes what is stored about a person, except a revocation.
-- KEYS 1 realm
-- ARGV 1 person, 2 entry of the audit log (JSON) or empty, 3 its time (ms)
-- returns 1 if there was anything, else 0
-- uses people, audit

if ARGV[2] ~= "" then log_act(ARGV[2], tonumber(ARGV[3])) end
return drop_person(ARGV[1]) and 1 or 0
