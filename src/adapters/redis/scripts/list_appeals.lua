-- Returns the bans with an open appeal after a number, the oldest first, or those with a decided one before a number.
-- KEYS 1 realm
-- ARGV 1 "open" or "decided", 2 number, 3 limit
-- returns { number, ban (JSON), … }
-- uses bans

local number, limit = ARGV[2], ARGV[3]
local list, found = k_appeals_open, nil
if ARGV[1] == "decided" then
  list = k_appeals_decided
  found = numbers_before(list, number, limit)
else
  found = numbers_after(list, number, limit)
end

local answer = {}
for _, id in ipairs(found) do
  answer[#answer + 1] = exact(call("ZSCORE", list, id))
  answer[#answer + 1] = call("HGET", k_bans, call("HGET", k_appeal_bans, id))
end
return answer
