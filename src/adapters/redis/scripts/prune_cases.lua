-- Deletes cases that have not changed for long, and old entries of the audit log.
-- KEYS 1 realm
-- ARGV 1 lowest revision of a case to keep, 2 lowest number of an entry to keep, 3 limit of each
-- returns 1 if there may be more, else 0
-- uses cases, audit

local keep_from, audit_from, limit = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])

local old = call("ZRANGEBYSCORE", k_case_changes, "-inf", "(" .. keep_from, "LIMIT", 0, limit)
for _, number in ipairs(old) do drop_case(number) end
local entries = call("XRANGE", k_audit, "-", exact(math.max(audit_from - 1, 0)) .. "-0", "COUNT", limit)
for _, entry in ipairs(entries) do call("XDEL", k_audit, entry[1]) end
return (#old == limit or #entries == limit) and 1 or 0
