-- uses waiting, matches

-- The state of a session as JSON.
local function snapshot(session_id)
  local session = fields(k_session(session_id), "state", "match", "role", "sent_recent")
  if session.state == "idle" then return RULES.snapshot_idle end
  if session.state == "waiting" then
    local waiter = waiter_of(session_id)
    return wait_json(RULES.snapshot_waiting, waiter, wait_of(waiter, session.sent_recent == "true"))
  end
  local other = other_role(session.role)
  local match = fields(
    k_match(session.match), other .. "_id", session.role .. "_sequence", "shared", "relay", "start",
    other .. "_profile"
  )
  local is_present = call("HGET", k_session(match[other .. "_id"]), "attached") == "1"
  local json = string.format(
    RULES.snapshot_matched, session.match, session.role, tostring(is_present),
    match[session.role .. "_sequence"], match.shared, match.relay, match.start
  )
  local profile = match[other .. "_profile"]
  return profile and profile ~= "" and with_field(json, "partnerProfile", profile) or json
end
