-- Returns what the sides of a match have committed to.
-- KEYS 1 realm
-- ARGV 1 match
-- returns { session, commitment (JSON), … }
-- uses commitments

return call("HGETALL", k_commitments(ARGV[1]))
