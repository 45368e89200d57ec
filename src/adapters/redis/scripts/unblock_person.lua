-- Removes a block.
-- KEYS 1 realm
-- ARGV 1 person who blocked, 2 other person, 3 entry of the audit log (JSON) or empty, 4 its time (ms)
-- returns 1 if there was such a block, else 0
-- uses people, audit

if ARGV[3] ~= "" then log_act(ARGV[3], tonumber(ARGV[4])) end
return call("ZREM", k_person_blocks(ARGV[1]), ARGV[2])
