-- Revokes the tokens of a person that were issued before a time, unless those before a later one are revoked.
-- KEYS 1 realm
-- ARGV 1 person, 2 time (ms), 3 now (ms), 4 entry of the audit log (JSON) or empty, 5 its time (ms)
-- returns nothing
-- uses people, audit

local key, issued_before_ms, now_ms = ARGV[1], tonumber(ARGV[2]), ARGV[3]

local former = tonumber(call("HGET", k_revoked, key) or 0)
call("HSET", k_revoked, key, exact(math.max(former, issued_before_ms)))
call("ZADD", k_revoked_at, now_ms, key)
if ARGV[4] ~= "" then log_act(ARGV[4], tonumber(ARGV[5])) end
