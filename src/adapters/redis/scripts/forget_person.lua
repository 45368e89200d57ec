-- Deletes what is stored about a person, except a revocation.
-- KEYS 1 realm
-- ARGV 1 person
-- returns 1 if there was anything, else 0
-- uses people

return drop_person(ARGV[1]) and 1 or 0
