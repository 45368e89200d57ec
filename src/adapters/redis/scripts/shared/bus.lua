-- Notifies nodes of changes to their sessions.
-- uses objects

local k_bus = base .. ":bus"

-- The number of the last message of a live node that has had none. 0 is that of a node that is not known to live.
local NONE_YET = 1

-- Wakes the node that holds a session's stream, at the end of the step.
local function notify(node, notice)
  local notices = step.notices[node] or {}
  step.notices[node] = notices
  notices[#notices + 1] = notice
end

local function notify_change(session_id) notify(object(k_session(session_id)).node, session_id .. " changed") end

-- A node gets one message, with a line for each notice. Messages are numbered, so that a node notices when it missed
-- one; a node that is not known to live is sent none.
at_end[#at_end + 1] = function()
  for node, notices in pairs(step.notices) do
    local number = call("HINCRBY", k_bus, node, 1)
    if number <= NONE_YET then call("HDEL", k_bus, node)
    else call(RULES.publish, base .. ":bus:" .. node, number .. " " .. table.concat(notices, "\n")) end
  end
end
