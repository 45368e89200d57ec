-- Incarnations of the Redis server that holds the realm. A server that restarted or took over may not have the latest
-- events and would use sequences and generations twice. So each one begins a new incarnation: every epoch ends with its
-- name, and the generations of a later incarnation are higher.
-- uses objects

-- The first incarnation has no name: there is none before it to confuse it with.
local function name_of(held)
  if held.incarnation == 1 then return "" end
  return "." .. held.incarnation .. "-" .. string.sub(held.life, 1, 8)
end

-- Redis' own name for this run of the process. It is read once: this code lives as long as the process, at most.
local this_life
local function life()
  this_life = this_life or string.match(call("INFO", "server"), "run_id:(%x+)")
  return this_life
end

-- The number and the name of the present incarnation, and the name of the one before it.
local function incarnation()
  if step.incarnation then return step.incarnation end
  local held = counts()
  if held.life ~= life() then
    put(held, "former", held.incarnation and name_of(held) or "none")
    put(held, "life", life())
    add(held, "incarnation", 1)
  end
  step.incarnation = { number = held.incarnation, name = name_of(held), former = held.former }
  return step.incarnation
end

-- An epoch as streams and clients know it, with the name of the incarnation.
local function in_incarnation(epoch) return epoch .. incarnation().name end

local function epoch_of(session_id) return in_incarnation(session_of(session_id).epoch) end

-- The last sequence up to which a client of an epoch and the mailbox have the same events; nil when it is unknown. A
-- new incarnation starts with the events of the one before up to some sequence, and differs from there on.
local function shared_until(session_id, known_epoch)
  local session = session_of(session_id)
  if known_epoch == in_incarnation(session.epoch) then return session.sequence end
  if known_epoch ~= session.epoch .. incarnation().former then return nil end
  return session.incarnation == incarnation().name and session.incarnation_start or session.sequence
end
