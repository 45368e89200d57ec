-- Renews the lease of a node, if it agrees with the other live nodes, and sends a heartbeat with the number of the last
-- message on its channel. Leases are measured by Redis' time.
-- KEYS 1 realm
-- ARGV 1 node, 2 length of the lease (ms), or 0 to end it, 3… names and values that all live nodes must agree on
-- returns { now (ms), 1 if the lease was valid, 0 if it had expired and the node's sessions may have moved, number of
--         attached sessions, number of the incarnation }, or { now (ms), names of values that other live nodes do not
--         share… }
-- uses nodes, bus, epoch

local node, lease_ms = ARGV[1], tonumber(ARGV[2])
local now_ms = time_ms()
local k_agreement = base .. ":agreement"
local k_format = base .. ":count" -- named by an older version, whose instances look there

-- Nodes that only relay for guests of their own realm. They follow the agreement and have no part in it.
local function is_visitor(name) return string.sub(name, 1, 1) == "@" end

-- What the realm says to visitors may change; its own nodes need not agree on it.
local function differing()
  local names = {}
  for index = 3, #ARGV, 2 do
    local agreed = call("HGET", k_agreement, ARGV[index])
    local is_said = ARGV[index] == "GUESTS"
    local differs = agreed and agreed ~= ARGV[index + 1]
    if is_said then differs = is_visitor(node) and agreed ~= ARGV[index + 1] end
    if differs then names[#names + 1] = ARGV[index] end
  end
  return names
end

local function has_others()
  for _, other in ipairs(call("ZRANGEBYSCORE", k_nodes, "(" .. exact(now_ms), "+inf")) do
    if other ~= node and not is_visitor(other) then return true end
  end
  return false
end

local held = tonumber(call("ZSCORE", k_nodes, node) or 0)
local names = differing()
if #names > 0 and not is_visitor(node) and not has_others() then names = {} end

-- The format of the stored data outlives the leases: data of another version would be misread.
for index = 3, #ARGV, 2 do
  local stored = ARGV[index] == "SCHEMA" and call("HGET", k_format, "schema")
  if stored and stored ~= ARGV[index + 1] then names[#names + 1] = "STORED_SCHEMA" end
end
if #names > 0 then return { now_ms, unpack(names) } end

if #ARGV > 2 and not is_visitor(node) then
  call("HSET", k_agreement, unpack(ARGV, 3))
  local agreed = fields(k_agreement, "SCHEMA")
  if agreed.SCHEMA then call("HSET", k_format, "schema", agreed.SCHEMA) end
  call("PEXPIRE", k_agreement, lease_ms) -- as long as the leases of the nodes that agree
end
call("ZADD", k_nodes, exact(now_ms + lease_ms), node)
call("HSETNX", k_bus, node, NONE_YET)
call(RULES.publish, base .. ":bus:" .. node, call("HGET", k_bus, node) .. " heartbeat")
local is_renewal = held > now_ms and held % 1 == 0
return { now_ms, is_renewal and 1 or 0, call("SCARD", k_attached(node)), incarnation().number }
