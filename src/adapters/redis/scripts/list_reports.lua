-- Returns reports before or after a number.
-- KEYS 1 realm
-- ARGV 1 "before" (the newest first) or "after" (the oldest first), 2 number, 3 limit
-- returns { number, report (JSON), resolution (JSON, or empty), resolution of its case (JSON, or empty), … }
-- uses cases, answers

local side, number, limit = ARGV[1], ARGV[2], ARGV[3]
local list = side == "before" and numbers_before or numbers_after

local answer = {}
for _, found in ipairs(list(k_report_order, number, limit)) do
  answer[#answer + 1] = found
  answer[#answer + 1] = call("HGET", k_reports, found)
  answer[#answer + 1] = call("HGET", k_resolutions, found) or ""
  answer[#answer + 1] = end_of(found) or ""
end
return answer
