-- uses waiting, matches

-- The state of a session as JSON.
local function snapshot(session_id)
  local session = fields(k_session(session_id), "state", "match", "role")
  if session.state == "idle" then return RULES.snapshot_idle end
  if session.state == "waiting" then
    local waiter = waiter_of(session_id)
    local was_recent = string.find(waiter.sent or "", " true ", 1, true) ~= nil
    return wait_json(RULES.snapshot_waiting, waiter, wait_of(waiter, was_recent))
  end
  local other = other_role(session.role)
  local match = fields(
    k_match(session.match), other .. "_id", session.role .. "_sequence", "shared", "relay", "start",
    other .. "_profile", other .. "_mode", session.role .. "_mode", "shared_others",
    other .. "_price", session.role .. "_price"
  )
  local is_present = call("HGET", k_session(match[other .. "_id"]), "attached") == "1"
  local json = string.format(
    RULES.snapshot_matched, session.match, session.role, tostring(is_present),
    match[session.role .. "_sequence"], match.shared, match.relay, match.start
  )
  json = with_modes(json, match[other .. "_mode"], match[session.role .. "_mode"])
  json = with_prices(json, match[other .. "_price"], match[session.role .. "_price"], match.start)
  local profile = match[other .. "_profile"]
  if match.shared_others then json = with_field(json, "sharedAttributes", match.shared_others) end
  return profile and profile ~= "" and with_field(json, "partnerProfile", profile) or json
end
