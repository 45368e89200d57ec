-- How a match ends for one of its sides.
-- uses mail, encoding

local function set_idle(session_id) call("HSET", k_session(session_id), "state", "idle", "match", "", "role", "") end

-- A guest gets the ending (JSON) too.
local function append_match_ended(session_id, match_id, reason, requeued, now_ms, ending)
  local event = string.format(RULES.event_match_ended, match_id, reason, tostring(requeued))
  if ending then event = with_field(event, "ending", ending) end
  append(session_id, event, 64, now_ms)
end
