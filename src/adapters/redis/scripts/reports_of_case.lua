-- Returns the reports of a case before a number, the newest first.
-- KEYS 1 realm
-- ARGV 1 case, 2 number, 3 limit
-- returns { number, report (JSON), resolution (JSON, or empty), resolution of the case (JSON, or empty), … }
-- uses cases, answers

local answer = {}
for _, found in ipairs(numbers_before(k_reports_of(ARGV[1]), ARGV[2], ARGV[3])) do
  answer[#answer + 1] = found
  answer[#answer + 1] = call("HGET", k_reports, found)
  answer[#answer + 1] = call("HGET", k_resolutions, found) or ""
  answer[#answer + 1] = end_of(found) or ""
end
return answer
