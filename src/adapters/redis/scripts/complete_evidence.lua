-- Returns which reports have all pieces of their evidence.
-- KEYS 1 realm
-- ARGV 1… reports
-- returns their numbers
-- uses evidence

local answer = {}
for _, report in ipairs(ARGV) do
  if is_complete(report) then answer[#answer + 1] = report end
end
return answer
