-- uses idling, matches, spans

-- A session; without an epoch if there is none. Ends its match if the other half was lost in a failover: the session is
-- sent the end and may queue again.
local function activity_of(session_id, now_ms)
  local session = session_of(session_id)
  if session.state ~= "matched" or match_of(session.match).start then return session end
  local sides = { [session.role] = { id = session_id }, [other_role(session.role)] = { id = "" } }
  local match = { id = session.match, start = now_ms, relay = "false", answered = false }
  log_ended(match, "lost", "", sides.offerer, sides.answerer, now_ms)
  set_idle(session_id)
  call("DEL", k_ticket(session_id))
  append_match_ended(session_id, match.id, "partner_lost", false, now_ms)
  return session
end
