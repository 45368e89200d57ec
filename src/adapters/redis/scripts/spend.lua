-- Uses the ID of a solution up. Forgets those that have expired.
-- KEYS 1 realm
-- ARGV 1 ID, 2 when it expires (ms), 3 now (ms), 4 max IDs
-- returns "fresh", "spent" or "full"

local key = base .. ":spent"
local expired = call("ZRANGEBYSCORE", key, "-inf", ARGV[3], "LIMIT", 0, 8)
if #expired > 0 then call("ZREM", key, unpack(expired)) end

if call("ZSCORE", key, ARGV[1]) then return "spent" end
if call("ZCARD", key) >= tonumber(ARGV[4]) then return "full" end
call("ZADD", key, ARGV[2], ARGV[1])
-- The last one is the last to expire. A duration, as the clock of Redis may be ahead of the caller's.
local last_ms = tonumber(call("ZRANGE", key, -1, -1, "WITHSCORES")[2])
call("PEXPIRE", key, math.max(1, last_ms - tonumber(ARGV[3])))
return "fresh"
