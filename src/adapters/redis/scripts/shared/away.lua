-- uses waiting, matches, nodes

-- The stream of a session broke: away until then.
local function go_away(session_id, away_until_ms, now_ms)
  local session = fields(k_session(session_id), "state", "match", "role", "node")
  call("HSET", k_session(session_id), "attached", "0")
  call("SREM", k_attached(session.node), session_id)
  schedule("session:" .. session_id, away_until_ms)
  if session.state == "waiting" then set_aside(waiter_of(session_id)) end
  if session.state ~= "matched" then return end
  local away = '{"type":"partner_away","matchId":' .. quoted(session.match) .. ',"deadlineMs":' .. exact(away_until_ms) .. "}"
  tell(partner_of(session), away, 64, now_ms)
end
