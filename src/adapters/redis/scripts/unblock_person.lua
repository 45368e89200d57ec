-- Removes a block.
-- KEYS 1 realm
-- ARGV 1 person who blocked, 2 other person
-- returns 1 if there was such a block, else 0
-- uses people

return call("ZREM", k_person_blocks(ARGV[1]), ARGV[2])
