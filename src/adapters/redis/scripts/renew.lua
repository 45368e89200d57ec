-- Keeps a node alive for another while, and lets it hear of itself on its channel, with the number of the last message.
-- KEYS 1 realm
-- ARGV 1 node, 2 alive until (ms), 3 now (ms)
-- returns { 1 if the node was alive all along, 0 if its lease had run out: then its sessions may have moved on,
--   how many sessions are attached to it, the era }
-- uses nodes, bus, epoch

local node, until_ms, now_ms = ARGV[1], ARGV[2], tonumber(ARGV[3])
local held = call("ZSCORE", k_nodes, node)
call("ZADD", k_nodes, until_ms, node)
call("HSETNX", k_bus, node, NONE_YET)
call(RULES.publish, base .. ":bus:" .. node, call("HGET", k_bus, node) .. " beat")
local is_renewal = held and tonumber(held) > now_ms and tonumber(held) % 1 == 0
return { is_renewal and 1 or 0, call("SCARD", k_attached(node)), era().number }
