-- The nodes that live, and what is attached to each.

local k_nodes = base .. ":nodes"

local function k_attached(node) return base .. ":attached:" .. node end

-- A node that was taken for dead may not know; unless it renews its lease, what it still opens is reaped with it.
local function attach_to(node, session_id)
  call("ZADD", k_nodes, "NX", 0, node)
  call("SADD", k_attached(node), session_id)
end
