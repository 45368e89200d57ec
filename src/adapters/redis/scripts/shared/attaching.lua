-- uses nodes, bus, epoch, deadlines

local GENERATIONS = 1000000 -- of an incarnation: more than a session opens streams in one

-- Opens a newer stream of a session on a node. Returns whether the session was away.
local function open_stream(session_id, node)
  local session = session_of(session_id)
  local was_away = not session.attached
  put(session, "generation", math.max(session.generation + 1, (incarnation().number - 1) * GENERATIONS))
  notify_change(session_id)
  call("SREM", k_attached(session.node), session_id)
  attach_to(node, session_id)
  put(session, "attached", true)
  put(session, "node", node)
  put(session, "reaped", nil)
  unschedule("session:" .. session_id)
  return was_away
end
