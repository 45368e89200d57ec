-- Returns the latest bans of networks before or after a number.
-- KEYS 1 realm
-- ARGV 1 "before" (the newest first) or "after" (the oldest first), 2 number, 3 limit
-- returns { number, ban (JSON), … }
-- uses records

local side, number, limit = ARGV[1], ARGV[2], ARGV[3]
local list = side == "before" and numbers_before or numbers_after

local answer = {}
for _, key in ipairs(list(k_ban_order, number, limit)) do
  answer[#answer + 1] = exact(call("ZSCORE", k_ban_order, key))
  answer[#answer + 1] = call("HGET", k_bans, key)
end
return answer
