-- Stores how far a receiver of webhooks is, and renews its lease.
-- KEYS 1 realm
-- ARGV 1 receiver, 2 holder, 3 length of the lease (ms), 4 progress (JSON)
-- returns 1, or 0 if another holder has the lease
-- uses webhooks

local receiver, holder, lease_ms, progress = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

if not lease_webhook(receiver, holder, lease_ms) then return 0 end
call("HSET", k_webhooks, receiver, progress)
return 1
