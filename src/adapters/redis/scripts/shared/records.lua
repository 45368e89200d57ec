-- Reports and bans. Unlike most of a realm, they are kept permanently.

local k_reports = base .. ":reports"
local k_report_order = base .. ":reports:order"
local k_report_names = base .. ":reports:names"
local k_resolutions = base .. ":reports:resolutions"
local k_bans = base .. ":bans"
local k_ban_order = base .. ":bans:order"
local k_ban_expiry = base .. ":bans:expiry"

-- The case of each report, and the reports of a case.
local k_reports_case = base .. ":reports:case"
local function k_reports_of(case) return base .. ":reports:of:" .. case end

-- The reports of a person or a browser that it has not seen the answer to.
local function k_reports_unseen(party) return base .. ":reports:unseen:" .. party end

-- `answeredParty` of `core/report.ts`, or nil.
local function answered_party(report) return report.reporterPerson or report.reporterDevice end

-- The reports that count; the networks against which a network counts, and those that count against a network.
local k_counted = base .. ":counted"
local function k_counted_by(key) return base .. ":counted:by:" .. key end
local function k_counted_of(block) return base .. ":counted:of:" .. block end
local function k_counted_about(key) return base .. ":counted:about:" .. key end

-- The next number of a kind: `nextRevision` of `core/revision.ts`.
local function next_number(kind, now_ms)
  local last = tonumber(call("HGET", base .. ":records", kind) or 0)
  local number = exact(math.max(last + 1, now_ms * 1000))
  call("HSET", base .. ":records", kind, number)
  return number
end

local function numbers_before(order, number, limit)
  return call("ZREVRANGEBYSCORE", order, "(" .. number, "-inf", "LIMIT", 0, limit)
end

local function numbers_after(order, number, limit)
  return call("ZRANGEBYSCORE", order, "(" .. number, "+inf", "LIMIT", 0, limit)
end
