-- Deletes the evidence of old reports.
-- KEYS 1 realm
-- ARGV 1 lowest number of a report whose evidence is kept, 2 limit
-- returns 1 if there may be more, else 0
-- uses evidence

local limit = tonumber(ARGV[2])
local old = call("ZRANGEBYSCORE", k_evidence_order, "-inf", "(" .. ARGV[1], "LIMIT", 0, limit)
for _, report in ipairs(old) do drop_evidence(report) end
return #old == limit and 1 or 0
