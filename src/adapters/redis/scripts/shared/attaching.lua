-- uses nodes, bus, epoch, deadlines

local GENERATIONS = 1000000 -- of an incarnation: more than a session opens streams in one

-- Opens a newer stream of a session on a node. Returns whether the session was away.
local function open_stream(session_id, node)
  local session = k_session(session_id)
  local before = fields(session, "attached", "node")
  local generation = call("HINCRBY", session, "generation", 1)
  local lowest = (incarnation().number - 1) * GENERATIONS
  if generation < lowest then call("HSET", session, "generation", lowest) end
  notify_change(session_id)
  call("SREM", k_attached(before.node), session_id)
  attach_to(node, session_id)
  call("HSET", session, "attached", "1", "node", node)
  call("HDEL", session, "reaped")
  unschedule("session:" .. session_id)
  return before.attached == "0"
end
