-- Returns how reports of a person or a browser ended that it has not seen, the newest first.
-- KEYS 1 realm
-- ARGV 1 person or browser, 2 how many of its latest reports are looked at
-- returns { number, report (JSON), resolution of its case (JSON), … }
-- uses answers

local answer = {}
for _, number in ipairs(call("ZREVRANGE", k_reports_unseen(ARGV[1]), 0, ARGV[2] - 1)) do
  local ended = end_of(number)
  if ended then
    answer[#answer + 1] = number
    answer[#answer + 1] = call("HGET", k_reports, number)
    answer[#answer + 1] = ended
  end
end
return answer
