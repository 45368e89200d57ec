-- Revokes the tokens of a person that were issued before a time, unless those before a later one are revoked.
-- KEYS 1 realm
-- ARGV 1 person, 2 time (ms), 3 now (ms)
-- returns nothing
-- uses people

local key, issued_before_ms, now_ms = ARGV[1], tonumber(ARGV[2]), ARGV[3]

local former = tonumber(call("HGET", k_revoked, key) or 0)
call("HSET", k_revoked, key, exact(math.max(former, issued_before_ms)))
call("ZADD", k_revoked_at, now_ms, key)
