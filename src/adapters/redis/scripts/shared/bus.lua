-- Notifies nodes of changes to their sessions.
-- uses objects

local k_bus = base .. ":bus"

-- The number of the last message of a live node that has had none. 0 is that of a node that is not known to live.
local NONE_YET = 1

-- Wakes the node that holds a session's stream, at the end of the step. The notice is a text, in up to three parts.
local function notify(node, notice, long, tail)
  local notices = step.notices[node] or {}
  step.notices[node] = notices
  notices[#notices + 1] = { notice, long or "", tail or "" }
end

local function notify_change(session_id) notify(session_of(session_id).node, session_id .. " changed") end

-- The message with a number, in which each notice is a line.
local function message_of(number, notices)
  local first = notices[1]
  local message = exact(number) .. " " .. first[1] .. first[2] .. first[3]
  if #notices == 1 then return message end
  local lines = { message }
  for index = 2, #notices do lines[index] = table.concat(notices[index]) end
  return table.concat(lines, "\n")
end

-- A node gets one message, with a line for each notice. Messages are numbered, so that a node notices when it missed
-- one; a node that is not known to live is sent none.
at_end[#at_end + 1] = function()
  for node, notices in pairs(step.notices) do
    local number = call("HINCRBY", k_bus, node, "1")
    if number <= NONE_YET then call("HDEL", k_bus, node)
    else call(RULES.publish, base .. ":bus:" .. node, message_of(number, notices)) end
  end
end
