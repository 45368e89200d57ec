-- Lives of the servers that hold the realm. One that started again, from whatever file, or took over may not know what was
-- told last and would use sequences and generations twice. So each begins an era: every epoch ends with the era's name,
-- and generations of a later era are higher.

-- For so long a server is believed to live on without being asked: too short for any to start.
local SAME_LIFE_MS = 50

-- The first has none: before it there is nothing to mix it up with.
local function name_of(held)
  if held.era == "1" then return "" end
  return "." .. held.era .. "-" .. string.sub(held.life, 1, 8)
end

local this_era

-- The number of the era, its name, and the name of the one before it.
local function era()
  if this_era then return this_era end
  local time, server = call("TIME"), RULES.is_cluster and call("CLUSTER", "MYID") or ""
  local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
  local held = fields(k_count, "server", "life", "seen", "era", "former")
  if held.server ~= server or math.abs(now_ms - held.seen) >= SAME_LIFE_MS then
    call("HSET", k_count, "server", server, "seen", exact(now_ms))
    local life = string.match(call("INFO", "server"), "run_id:(%x+)")
    if held.life ~= life then
      held.former = held.era and name_of(held)
      held.era, held.life = tostring(call("HINCRBY", k_count, "era", 1)), life
      call("HSET", k_count, "life", life, "former", held.former or "none")
    end
  end
  this_era = { number = tonumber(held.era), name = name_of(held), former = held.former or "none" }
  return this_era
end

-- An epoch as streams and clients know it.
local function in_era(epoch) return epoch .. era().name end

local function epoch_of(session_id) return in_era(call("HGET", k_session(session_id), "epoch")) end

-- Up to which sequence a client of that epoch and the mailbox have heard the same; nil when that cannot be told. What a
-- server starts with, or takes over with, is what the one before it had up to some event: what follows is of its own.
local function shared_until(session_id, known_epoch)
  local epoch, sequence, named, start = unpack(call("HMGET", k_session(session_id), "epoch", "sequence", "era", "era_start"))
  if known_epoch == in_era(epoch) then return tonumber(sequence) end
  if known_epoch ~= epoch .. era().former then return nil end
  return tonumber(named == era().name and start or sequence)
end
