-- Deletes people last seen, and revocations made, before a time.
-- KEYS 1 realm
-- ARGV 1 time (ms), 2 limit of each
-- returns 1 if there may be more, else 0
-- uses people

local before_ms, limit = ARGV[1], tonumber(ARGV[2])

local people = call("ZRANGEBYSCORE", k_people_seen, "-inf", "(" .. before_ms, "LIMIT", 0, limit)
for _, key in ipairs(people) do drop_person(key) end
local revoked = call("ZRANGEBYSCORE", k_revoked_at, "-inf", "(" .. before_ms, "LIMIT", 0, limit)
for _, key in ipairs(revoked) do
  call("HDEL", k_revoked, key)
  call("ZREM", k_revoked_at, key)
end
return (#people == limit or #revoked == limit) and 1 or 0
