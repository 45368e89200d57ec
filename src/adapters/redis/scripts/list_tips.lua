-- Returns tips in the order of a list.
-- KEYS 1 realm
-- ARGV 1 list, 2 "up" or "down", 3 start, 4 end (as for ZRANGE, with "(" and "inf"), 5 limit
-- returns { number, tip (JSON), … }
-- uses tips

local list, from, to, limit = k_tip_list(ARGV[1]), ARGV[3], ARGV[4], ARGV[5]
local range = ARGV[2] == "up" and "ZRANGEBYSCORE" or "ZREVRANGEBYSCORE"

local answer = {}
for _, id in ipairs(call(range, list, from, to, "LIMIT", 0, limit)) do
  answer[#answer + 1] = tip_number(id)
  answer[#answer + 1] = call("HGET", k_tips, id)
end
return answer
