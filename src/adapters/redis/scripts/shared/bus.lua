-- Notifies nodes of changes to their sessions.

local k_bus = base .. ":bus"

-- The number of the last message of a live node that has had none. 0 is that of a node that is not known to live.
local NONE_YET = 1

-- Wakes the node that holds a session's stream. Messages are numbered, so that a node notices when it missed one; a
-- node that is not known to live is sent none.
local function notify(node, session_id, message)
  local number = call("HINCRBY", k_bus, node, 1)
  if number <= NONE_YET then return call("HDEL", k_bus, node) end
  call(RULES.publish, base .. ":bus:" .. node, number .. " " .. session_id .. " " .. message)
end

local function notify_change(session_id) notify(call("HGET", k_session(session_id), "node"), session_id, "changed") end
