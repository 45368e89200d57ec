-- Stores a report, the first of its reporter and match only.
-- KEYS 1 realm
-- ARGV 1 reporter and match, 2 report (JSON), 3 created (ms)
-- returns 1 if it is new, else 0

local id, report, created_ms = ARGV[1], ARGV[2], ARGV[3]

if call("HSETNX", base .. ":reports", id, report) == 0 then return 0 end
call("ZADD", base .. ":reports:by_time", created_ms, id)
return 1
