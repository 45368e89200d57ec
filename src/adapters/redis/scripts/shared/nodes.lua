-- The nodes that live, and what is attached to each.

local k_nodes = base .. ":nodes"

-- Redis' own time: the one by which all nodes are judged.
local function time_ms()
  local time = call("TIME")
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function k_attached(node) return base .. ":attached:" .. node end

-- A node without a lease may not know: it was taken for dead, or Redis has forgotten all leases. It is given a while to
-- renew, or what it opens is reaped with it. The half millisecond tells such a lease from one that was renewed.
local GRACE_MS = 10000.5

local function attach_to(node, session_id)
  call("ZADD", k_nodes, "NX", exact(time_ms() + GRACE_MS), node)
  call("SADD", k_attached(node), session_id)
end
