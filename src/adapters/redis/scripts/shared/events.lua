-- The log of what happened in the realm: a Redis stream of events (JSON), each with its time and the number of the one
-- before it, by which a reader notices that some are missing.

local k_events = base .. ":events"

-- Appends an event. Returns its number: `nextRevision` of `core/revision.ts`.
local function log_event(event, now_ms)
  local last = call("HGET", base .. ":records", "event") or "0"
  local number = exact(math.max(tonumber(last) + 1, now_ms * 1000))
  call("HSET", base .. ":records", "event", number)
  if RULES.events_max > 0 then
    local entry = { "event", event, "at", exact(now_ms), "before", last }
    call("XADD", k_events, "MAXLEN", "~", RULES.events_max, number .. "-0", unpack(entry))
  end
  return number
end
