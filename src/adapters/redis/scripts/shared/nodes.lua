-- The live nodes and their sessions.

local k_nodes = base .. ":nodes"

-- Redis' own time, by which all leases are measured.
local function time_ms()
  local time = call("TIME")
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function k_attached(node) return base .. ":attached:" .. node end

-- A node may not know that it has no lease: it was declared dead, or Redis lost all leases. It gets some time to renew
-- before its sessions are reaped. The half millisecond marks such a lease; a renewed one is whole.
local GRACE_MS = 10000.5

local function attach_to(node, session_id)
  call("ZADD", k_nodes, "NX", exact(time_ms() + GRACE_MS), node)
  call("SADD", k_attached(node), session_id)
end
