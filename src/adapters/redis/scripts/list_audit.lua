-- Returns entries of the audit log before a number, the newest first.
-- KEYS 1 realm
-- ARGV 1 number, 2 limit
-- returns { number, entry (JSON), time (ms), … }
-- uses audit

local answer = {}
for _, entry in ipairs(call("XREVRANGE", k_audit, "(" .. ARGV[1] .. "-0", "-", "COUNT", ARGV[2])) do
  answer[#answer + 1] = string.match(entry[1], "^%d+")
  answer[#answer + 1] = entry[2][2]
  answer[#answer + 1] = entry[2][4]
end
return answer
