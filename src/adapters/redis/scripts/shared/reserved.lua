-- uses waiting

-- The waiter that is reserved for a match, or nil. One that was paired, left, or stands in the pools is not.
local function reserved_for(session_id, match_id)
  local session = fields(k_session(session_id), "state", "queued", "attached", "reserved")
  local is_aside = session.state == "waiting" and session.queued == "0" and session.attached == "1"
  if not is_aside or session.reserved ~= match_id then return nil end
  return waiter_of(session_id)
end
