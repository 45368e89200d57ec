-- Returns what is known about a person.
-- KEYS 1 realm
-- ARGV 1 person
-- returns { time before which tokens are revoked (ms, or empty), then, if the person is stored: number, key, subject,
--         first seen (ms), last seen (ms), { blocked people } }
-- uses people

return { call("HGET", k_revoked, ARGV[1]) or "", unpack(person_of(ARGV[1]) or {}) }
