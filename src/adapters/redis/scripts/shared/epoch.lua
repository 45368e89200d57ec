-- Counts the servers that have held the realm. A replica that takes over may not know what was told last and would use
-- sequences and generations twice; so every epoch ends with its era, and generations of a later era are higher.
local function era()
  if not RULES.is_cluster then return 1 end
  local server = call("CLUSTER", "MYID")
  local held = fields(k_count, "server", "era")
  if held.server == server then return tonumber(held.era) end
  call("HSET", k_count, "server", server)
  return call("HINCRBY", k_count, "era", 1)
end

-- An epoch as streams and clients know it.
local function in_era(epoch)
  local now = era()
  if now == 1 then return epoch end
  return epoch .. "." .. now
end

local function epoch_of(session_id) return in_era(call("HGET", k_session(session_id), "epoch")) end
