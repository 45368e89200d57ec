-- Keeps a node alive for another while.
-- KEYS 1 realm
-- ARGV 1 node, 2 alive until (ms), 3 now (ms)
-- returns 1 if the node was alive all along, 0 if its lease had run out: then its sessions may have moved on

local node, until_ms, now_ms = ARGV[1], ARGV[2], tonumber(ARGV[3])
local held = call("ZSCORE", k_nodes, node)
call("ZADD", k_nodes, until_ms, node)
return held and tonumber(held) > now_ms and 1 or 0
