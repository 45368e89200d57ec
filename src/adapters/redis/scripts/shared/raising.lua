-- Adds reports to cases: `addReport` of `adapters/lmdb/case-shelf.ts`.
-- uses cases

-- Whether neither the network nor the person of a report has reported the case. If so, both have from now on.
local function is_independent(case, report, network)
  local reporters, person = k_case_reporters(case.number), report.reporterPerson
  if tonumber(case.reporters) >= RULES.case_reporters then return false end
  if call("SISMEMBER", reporters, network) == 1 then return false end
  if person and call("SISMEMBER", reporters, person) == 1 then return false end
  call("SADD", reporters, network, person or network)
  return true
end

-- `weightOf` of `core/case.ts`.
local function weight_of(reporter)
  local resolved, acted = unpack(call("HMGET", k_tally(reporter), "resolved", "acted"))
  return math.floor(1000 * (tonumber(acted or 0) + 1) / (tonumber(resolved or 0) + 2))
end

local function raise(case, report, network)
  case.weight = exact(tonumber(case.weight) + weight_of(report.reporterPerson or network))
  case.reporters = exact(tonumber(case.reporters) + 1)
  if RULES.severities[report.reason] > RULES.severities[case.reason] then case.reason = report.reason end
end

local function end_lease(case, now_ms)
  if not case.leased_by or tonumber(case.leased_until) > now_ms then return end
  call("HDEL", k_case(case.number), "leased_by", "leased_until")
  case.leased_by = nil
end

local function new_case(key, report, now_ms)
  local number = next_number("case", now_ms)
  call("HSET", k_unresolved, key, number)
  call("HSET", k_case(number), "key", key, "notes", 0, "opened", exact(now_ms))
  return { number = number, key = key, reason = report.reason, weight = "0", reporters = "0", reports = "0" }
end

-- Adds a report to the case about a key, or opens one. Returns the case, and whether it is new.
local function raise_case(key, report, network, now_ms)
  local number = call("HGET", k_unresolved, key)
  local former = number and read_case(number)
  local case = former or new_case(key, report, now_ms)
  if former then unfile_case(case) end
  end_lease(case, now_ms)
  if is_independent(case, report, network) then raise(case, report, network) end
  case.reports = exact(tonumber(case.reports) + 1)
  local counts = { "reason", case.reason, "weight", case.weight, "reporters", case.reporters, "reports", case.reports }
  call("HSET", k_case(case.number), "reported", exact(now_ms), unpack(counts))
  file_case(case, now_ms)
  return case, not former
end

-- Drops the last of the resolved cases, else the last of the queue, if there are too many.
local function drop_excess_case(max)
  if call("ZCARD", k_case_changes) <= max then return end
  local function last(queue) return call("ZREVRANGE", k_case_queue(queue), 0, 0)[1] end
  local place = last("resolved") or last("unresolved")
  drop_case(string.match(place, "^%d%d%d%d%d%d%d0*(%d+)$"))
end
