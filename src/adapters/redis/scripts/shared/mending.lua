-- uses idling, matches

-- What a session does; no state without the session. A match that a failover left without its other half is over: whoever
-- is in it is told so and may queue again.
local function doing_of(session_id, now_ms)
  local doing = fields(k_session(session_id), "state", "match", "role")
  if doing.state ~= "matched" or call("EXISTS", k_match(doing.match)) == 1 then return doing end
  be_idle(session_id)
  tell_end(session_id, doing.match, "partner_lost", false, now_ms)
  return { state = "idle" }
end
