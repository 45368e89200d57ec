-- The log of what happened in the realm: a Redis stream of events (JSON), each with its time and the number of the one
-- before it, by which a reader notices that some are missing.
-- uses objects

local k_events = base .. ":events"
local EVENTS_MAX = exact(RULES.events_max)

-- Appends an event. Returns its number: `nextRevision` of `core/revision.ts`.
local function log_event(event, now_ms)
  local last = counts().event or 0
  local number = math.max(last + 1, now_ms * 1000)
  put(counts(), "event", number)
  number = exact(number)
  if RULES.events_max > 0 then
    local entry = { "event", event, "at", exact(now_ms), "before", exact(last) }
    call("XADD", k_events, "MAXLEN", "~", EVENTS_MAX, number .. "-0", unpack(entry))
  end
  return number
end
