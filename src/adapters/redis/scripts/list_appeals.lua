-- Returns the bans with an open appeal after a number, the oldest first, or those with a decided one before a number.
-- KEYS 1 realm
-- ARGV 1 "open" or "decided", 2 number, 3 limit
-- returns { number, ban (JSON), … }
-- uses bans

local number, limit = ARGV[2], ARGV[3]
local is_open = ARGV[1] == "open"
local list = is_open and k_appeals_open or k_appeals_decided
local found = is_open and numbers_after or numbers_before

local answer = {}
for _, id in ipairs(found(list, number, limit)) do
  answer[#answer + 1] = exact(call("ZSCORE", list, id))
  answer[#answer + 1] = call("HGET", k_bans, call("HGET", k_appeal_bans, id))
end
return answer
