-- The commands to the operator's node, and the budget of each day.
-- uses records

-- The policy (JSON), its revision, and what concluded commands took from the chain.
local k_channels = base .. ":channels"
-- Commands (JSON), when the node was asked (ms), and the outcomes (JSON). Commands by number, and those without an
-- outcome.
local k_commands = base .. ":channels:commands"
local k_commands_asked = base .. ":channels:asked"
local k_conclusions = base .. ":channels:conclusions"
local k_command_order = base .. ":channels:order"
local k_commands_due = base .. ":channels:due"
-- The command that opened a channel.
local k_openings = base .. ":channels:openings"
-- What was booked for a day, less what was not done.
local function k_channel_day(day) return base .. ":channels:day:" .. day end

local function spent_sat() return tonumber(call("HGET", k_channels, "spent") or 0) end

local function channel_revision() return call("HGET", k_channels, "revision") or "0" end

local function used_on(day)
  local used = fields(k_channel_day(day), "opens", "fees")
  return tonumber(used.opens or 0), tonumber(used.fees or 0)
end

-- { command (JSON), when the node was asked (ms) or empty, outcome (JSON) or empty }
local function stored_command(id)
  local asked = call("HGET", k_commands_asked, id) or ""
  return { call("HGET", k_commands, id), asked, call("HGET", k_conclusions, id) or "" }
end
