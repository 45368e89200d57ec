-- Takes or renews the lease of a receiver of webhooks. A new receiver starts after the last event.
-- KEYS 1 realm
-- ARGV 1 receiver, 2 holder, 3 length of the lease (ms)
-- returns how far the receiver is (JSON), or an empty string if another holder has the lease
-- uses webhooks, objects

local receiver, holder, lease_ms = ARGV[1], ARGV[2], ARGV[3]

if not lease_webhook(receiver, holder, lease_ms) then return "" end
local progress = call("HGET", k_webhooks, receiver)
if not progress then
  progress = string.format(RULES.webhook_start, exact(counts().event or 0))
  call("HSET", k_webhooks, receiver, progress)
end
return progress
