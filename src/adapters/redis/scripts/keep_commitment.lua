-- Keeps what a side of a match has committed to, unless that was about as many lines or more.
-- KEYS 1 realm
-- ARGV 1 match, 2 session, 3 lines, 4 commitment (JSON), 5 how long to keep it (ms)
-- uses commitments

local key = k_commitments(ARGV[1])
local former = call("HGET", key, ARGV[2])
if former and cjson.decode(former).count >= tonumber(ARGV[3]) then return end
call("HSET", key, ARGV[2], ARGV[4])
call("PEXPIRE", key, ARGV[5])
