-- How far the receivers of webhooks are (JSON), and which node sends to each.

local k_webhooks = base .. ":webhooks"

local function k_webhook_lease(receiver) return base .. ":webhooks:lease:" .. receiver end

-- Takes or renews a lease, unless another node holds it. Returns whether the node has it.
local function lease_webhook(receiver, holder, lease_ms)
  local held = call("GET", k_webhook_lease(receiver))
  if held and held ~= holder then return false end
  call("SET", k_webhook_lease(receiver), holder, "PX", lease_ms)
  return true
end
