-- uses waiting, matches

-- The state as JSON.
local function snapshot(session_id)
  local session = fields(k_session(session_id), "state", "match", "role", "told_recent")
  if session.state == "idle" then return '{"state":"idle"}' end
  if session.state == "waiting" then
    local waiter = waiter_of(session_id)
    return '{"state":"waiting",' .. wait_json(waiter, wait_of(waiter, session.told_recent == "true")) .. "}"
  end
  local other = other_role(session.role)
  local match = fields(k_match(session.match), other .. "_id", session.role .. "_sequence", "shared", "relay", "start")
  local present = call("HGET", k_session(match[other .. "_id"]), "attached") == "1"
  return '{"state":"matched","matchId":' .. quoted(session.match) .. ',"role":"' .. session.role .. '","partnerPresent":' .. tostring(present)
    .. ',"clientSequence":' .. match[session.role .. "_sequence"] .. ',"sharedInterests":' .. match.shared
    .. ',"relayOnly":' .. match.relay .. ',"startMs":' .. match.start .. "}"
end
