-- Lists deposits of a list, from its first place up to an end, or from an end down.
-- KEYS 1 realm
-- ARGV 1 list, 2 "up" or "down", 3 the end ("(" excludes it), 4 max deposits
-- returns number, deposit (JSON), and so on
-- uses deposits

local k_list, order, place, limit = k_deposit_list(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]
local ids
if order == "up" then
  ids = call("ZRANGEBYSCORE", k_list, "-inf", place, "LIMIT", 0, limit)
else
  ids = call("ZREVRANGEBYSCORE", k_list, place, "-inf", "LIMIT", 0, limit)
end
local answer = {}
for _, id in ipairs(ids) do
  answer[#answer + 1] = deposit_number(id)
  answer[#answer + 1] = call("HGET", k_deposits, id)
end
return answer
