-- Ends the lease of a receiver of webhooks.
-- KEYS 1 realm
-- ARGV 1 receiver, 2 holder
-- uses webhooks

local receiver, holder = ARGV[1], ARGV[2]

if call("GET", k_webhook_lease(receiver)) == holder then call("DEL", k_webhook_lease(receiver)) end
