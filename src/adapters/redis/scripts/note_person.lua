-- Stores when a person was seen last, and its subject.
-- KEYS 1 realm
-- ARGV 1 person, 2 subject, 3 now (ms), 4 max people
-- returns 1 if there was room, else 0
-- uses people

return note_person(ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])) and 1 or 0
