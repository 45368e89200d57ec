-- uses idling, matches, spans

-- The state of a session with its match and role; no state if there is no session. Ends a match whose other half was
-- lost in a failover: the session is sent the end and may queue again.
local function activity_of(session_id, now_ms)
  local activity = fields(k_session(session_id), "state", "match", "role")
  if activity.state ~= "matched" or call("EXISTS", k_match(activity.match)) == 1 then return activity end
  local sides = { [activity.role] = { id = session_id }, [other_role(activity.role)] = { id = "" } }
  local match = { id = activity.match, start = exact(now_ms), relay = "false", answered = "0" }
  log_ended(match, "lost", "", sides.offerer, sides.answerer, now_ms)
  set_idle(session_id)
  append_match_ended(session_id, activity.match, "partner_lost", false, now_ms)
  return { state = "idle" }
end
