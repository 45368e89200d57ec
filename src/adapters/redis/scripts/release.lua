-- Marks sessions as away that are attached to a node but have no stream there, because the reply to `attach` was lost.
-- KEYS 1 realm
-- ARGV 1 node, 2 away until (ms), 3 now (ms), 4… session ids
-- uses repairing, away, bus, guest

local node, away_until_ms, now_ms = ARGV[1], ARGV[2], tonumber(ARGV[3])

for index = 4, #ARGV do
  local session_id = ARGV[index]
  local session = session_of(session_id)
  if session.attached and session.node == node then
    activity_of(session_id, now_ms)
    notify_change(session_id) -- if there is a stream after all, it finds a gap and is opened again
    put(session, "reaped", true)
    go_away(session_id, away_until_ms, now_ms)
    miss(session_id)
  end
  call("SREM", k_attached(node), session_id)
end
