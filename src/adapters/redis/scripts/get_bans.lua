-- Returns the latest bans of networks, of those that have one.
-- KEYS 1 realm
-- ARGV 1… networks
-- returns { ban (JSON), … }
-- uses records

local answer = {}
for _, key in ipairs(ARGV) do answer[#answer + 1] = call("HGET", k_bans, key) or nil end
return answer
