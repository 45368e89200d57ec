-- Returns how far receivers of webhooks are.
-- KEYS 1 realm
-- ARGV 1… receivers
-- returns for each its progress (JSON), or an empty string
-- uses webhooks

local answer = {}
for index, receiver in ipairs(ARGV) do answer[index] = call("HGET", k_webhooks, receiver) or "" end
return answer
