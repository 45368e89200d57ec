-- The nodes that live, and what is attached to each.

local k_nodes = base .. ":nodes"

local function k_attached(node) return base .. ":attached:" .. node end
