-- uses records

-- Forgets a report. What it counted for is forgotten sooner by itself.
local function drop_report(number)
  local report = cjson.decode(call("HGET", k_reports, number))
  call("HDEL", k_report_names, report.reporterId .. " " .. report.matchId)
  call("HDEL", k_reports, number)
  call("HDEL", k_resolutions, number)
  call("ZREM", k_report_order, number)
  call("ZREM", k_reports_from(report.reporterKey), number)
end
