-- Removes a block between two people.
-- KEYS 1 realm
-- ARGV 1 person who blocked, 2 other person
-- returns nothing
-- uses encounters

call("SREM", k_blocked(ARGV[1]), ARGV[2])
