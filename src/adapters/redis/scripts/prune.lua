-- Deletes old reports, and bans that need not be remembered.
-- KEYS 1 realm
-- ARGV 1 lowest number of a report to keep, 2 now (ms), 3 limit of each
-- returns 1 if there may be more, else 0
-- uses dropping, bans

local keep_from, now_ms, limit = ARGV[1], ARGV[2], tonumber(ARGV[3])

local old = call("ZRANGEBYSCORE", k_report_order, "-inf", "(" .. keep_from, "LIMIT", 0, limit)
for _, number in ipairs(old) do drop_report(number) end
local over = call("ZRANGEBYSCORE", k_ban_expiry, "-inf", now_ms, "LIMIT", 0, limit)
for _, key in ipairs(over) do
  drop_appeal(key, tonumber(now_ms))
  call("HDEL", k_bans, key)
  call("ZREM", k_ban_order, key)
  call("ZREM", k_ban_expiry, key)
end
return (#old == limit or #over == limit) and 1 or 0
