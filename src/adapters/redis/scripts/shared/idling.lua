-- How a match ends for one of its sides.
-- uses mail, encoding

-- The ticket of a session that waits or is in a match.
local function k_ticket(id) return base .. ":ticket:" .. id end

local function set_idle(session_id)
  local session = session_of(session_id)
  if not session.epoch then return end
  put(session, "state", "idle")
  put(session, "match", nil)
  put(session, "role", nil)
end

-- A guest gets the ending (JSON) too.
local function append_match_ended(session_id, match_id, reason, requeued, now_ms, ending)
  local event = string.format(RULES.event_match_ended, match_id, reason, tostring(requeued))
  if ending then event = with_field(event, "ending", ending) end
  append(session_id, event, 64, now_ms)
end
