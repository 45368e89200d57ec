-- How reports ended, for those who made them.
-- uses cases

-- The resolution (JSON) of the case of a report, or nil.
local function end_of(number)
  local case = call("HGET", k_reports_case, number)
  return case and call("HGET", k_case(case), "resolution") or nil
end
