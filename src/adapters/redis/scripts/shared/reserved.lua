-- uses waiting

-- The waiter that is reserved for a match, or nil. One that was paired, left, or stands in the pools is not.
local function reserved_for(session_id, match_id)
  local session = session_of(session_id)
  if session.state ~= "waiting" or not session.attached or session.reserved ~= match_id then return nil end
  local waiter = waiter_of(session_id)
  return not waiter.queued and waiter or nil
end
