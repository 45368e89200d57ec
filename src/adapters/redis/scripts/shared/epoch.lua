-- Incarnations of the Redis server that holds the realm. A server that restarted or took over may not have the latest
-- events and would use sequences and generations twice. So each one begins a new incarnation: every epoch ends with its
-- name, and the generations of a later incarnation are higher.

-- How long a server is assumed not to have restarted, in milliseconds: shorter than any restart.
local SAME_LIFE_MS = 50

-- The first incarnation has no name: there is none before it to confuse it with.
local function name_of(held)
  if held.incarnation == "1" then return "" end
  return "." .. held.incarnation .. "-" .. string.sub(held.life, 1, 8)
end

-- The number and the name of the present incarnation, and the name of the one before it.
local function incarnation()
  if step.incarnation then return step.incarnation end
  local time, server = call("TIME"), RULES.is_cluster and call("CLUSTER", "MYID") or ""
  local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
  local held = fields(k_count, "server", "life", "seen", "incarnation", "former")
  if held.server ~= server or math.abs(now_ms - held.seen) >= SAME_LIFE_MS then
    call("HSET", k_count, "server", server, "seen", exact(now_ms))
    local life = string.match(call("INFO", "server"), "run_id:(%x+)")
    if held.life ~= life then
      held.former = held.incarnation and name_of(held)
      held.incarnation, held.life = tostring(call("HINCRBY", k_count, "incarnation", 1)), life
      call("HSET", k_count, "life", life, "former", held.former or "none")
    end
  end
  step.incarnation = { number = tonumber(held.incarnation), name = name_of(held), former = held.former or "none" }
  return step.incarnation
end

-- An epoch as streams and clients know it, with the name of the incarnation.
local function in_incarnation(epoch) return epoch .. incarnation().name end

local function epoch_of(session_id) return in_incarnation(call("HGET", k_session(session_id), "epoch")) end

-- The last sequence up to which a client of an epoch and the mailbox have the same events; nil when it is unknown. A
-- new incarnation starts with the events of the one before up to some sequence, and differs from there on.
local function shared_until(session_id, known_epoch)
  local values = call("HMGET", k_session(session_id), "epoch", "sequence", "incarnation", "incarnation_start")
  local epoch, sequence, begun_in, start = unpack(values)
  if known_epoch == in_incarnation(epoch) then return tonumber(sequence) end
  if known_epoch ~= epoch .. incarnation().former then return nil end
  return tonumber(begun_in == incarnation().name and start or sequence)
end
