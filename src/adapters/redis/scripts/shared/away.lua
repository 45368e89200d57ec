-- uses waiting, matches, nodes

-- Marks a session whose stream broke as away until a time.
local function go_away(session_id, away_until_ms, now_ms)
  local session = session_of(session_id)
  put(session, "attached", false)
  call("SREM", k_attached(session.node), session_id)
  schedule("session:" .. session_id, away_until_ms)
  if session.state == "waiting" then withdraw(waiter_of(session_id)) end
  if session.state ~= "matched" then return end
  local event = string.format(RULES.event_partner_away, session.match, exact(away_until_ms))
  append(partner_of(session), event, 64, now_ms)
end
