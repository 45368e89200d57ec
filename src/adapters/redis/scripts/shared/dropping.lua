-- Drops reports when there are too many.
-- uses evidence

-- The reports made from a network, the widest that the reporter is part of: those that count ("counted"), and the
-- others ("other").
local function k_reports_from(class, network)
  return base .. ":reports:from:" .. (class == "other" and "" or class .. ":") .. network
end

-- The networks of a class, those with the most reports first; of equal ones, the one with the oldest report.
local function k_report_ranks(class) return base .. ":reports:ranks:" .. class end

-- The rank of a network: the negative number of its reports, and its oldest report with its name.
local function rank_of(class, network)
  local from = k_reports_from(class, network)
  local first = call("ZRANGE", from, 0, 0)[1]
  return first and -call("ZCARD", from), first and string.rep("0", 20 - #first) .. first .. " " .. network
end

-- Changes the reports of a network, and updates its rank.
local function change_reports(class, network, verb, ...)
  local _, former = rank_of(class, network)
  if former then call("ZREM", k_report_ranks(class), former) end
  call(verb, k_reports_from(class, network), ...)
  local score, member = rank_of(class, network)
  if member then call("ZADD", k_report_ranks(class), score, member) end
end

local function file_report(class, network, number) change_reports(class, network, "ZADD", number, number) end

-- Deletes a report. What it counted towards expires earlier.
local function drop_report(number)
  local report = cjson.decode(call("HGET", k_reports, number))
  call("HDEL", k_report_names, report.reporterId .. " " .. report.matchId)
  call("HDEL", k_reports, number)
  drop_evidence(number)
  call("HDEL", k_resolutions, number)
  call("ZREM", k_report_order, number)
  local case = call("HGET", k_reports_case, number)
  if case then
    call("HDEL", k_reports_case, number)
    call("ZREM", k_reports_of(case), number)
  end
  local party = answered_party(report)
  if party then call("ZREM", k_reports_unseen(party), number) end
  local network = string.match(report.reporterKey, "[^.]+$")
  local class = call("ZSCORE", k_reports_from("counted", network), number) and "counted" or "other"
  change_reports(class, network, "ZREM", number)
end

-- The oldest report of the network with the most, or nil.
local function leading(class)
  local member = call("ZRANGE", k_report_ranks(class), 0, 0)[1]
  return member and string.match(member, "^0*(%S+)")
end

local function first_of(class, network) return call("ZRANGE", k_reports_from(class, network), 0, 0)[1] end

-- Drops the oldest report of a network that has too many, or of the network with the most if there are too many in
-- total. Reports that count are dropped last.
local function drop_excess(network, max_of_network, max_total)
  local own = call("ZCARD", k_reports_from("other", network)) + call("ZCARD", k_reports_from("counted", network))
  if own > max_of_network then drop_report(first_of("other", network) or first_of("counted", network))
  elseif call("ZCARD", k_report_order) > max_total then drop_report(leading("other") or leading("counted")) end
end
