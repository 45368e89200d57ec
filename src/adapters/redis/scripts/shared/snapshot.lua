-- uses waiting, matches

-- The state of a session as JSON.
local function snapshot(session_id)
  local session = session_of(session_id)
  if session.state == "idle" then return RULES.snapshot_idle end
  if session.state == "waiting" then
    local waiter = waiter_of(session_id)
    local was_recent = string.find(waiter.sent, " true ", 1, true) ~= nil
    return wait_json(RULES.snapshot_waiting, waiter, wait_of(waiter, was_recent))
  end
  local role, other, match = session.role, other_role(session.role), match_of(session.match)
  local is_present = session_of(match[other .. "_id"]).attached == true
  local json = string.format(
    RULES.snapshot_matched, session.match, role, tostring(is_present), match[role .. "_sequence"], match.shared,
    match.relay, exact(match.start)
  )
  json = with_modes(json, match[other .. "_mode"], match[role .. "_mode"])
  json = with_prices(json, match[other .. "_price"], match[role .. "_price"], exact(match.start))
  if match.shared_others then json = with_field(json, "sharedAttributes", match.shared_others) end
  local profile = match[other .. "_profile"]
  return profile and with_field(json, "partnerProfile", profile) or json
end
