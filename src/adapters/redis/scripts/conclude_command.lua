-- Stores the outcome of a command, unless it has one.
-- KEYS 1 realm
-- ARGV 1 id, 2 state, 3 outcome (JSON), 4 channel that it opened, or empty
-- returns { command (JSON), when the node was asked (ms) or empty, outcome (JSON) }, { "taken" } if the channel is the
--   effect of another command, or {} if there is no such command
-- uses channels

local id, state, channel = ARGV[1], ARGV[2], ARGV[4]

local command = call("HGET", k_commands, id)
if not command then return {} end
if not call("ZSCORE", k_commands_due, id) then return stored_command(id) end
if channel ~= "" and call("HSETNX", k_openings, channel, id) == 0 then return { "taken" } end

call("HSET", k_conclusions, id, ARGV[3])
call("ZREM", k_commands_due, id)
local draft = cjson.decode(command)
if state == "done" then
  call("HSET", k_channels, "spent", exact(spent_sat() + draft.cost.spendSat))
else
  local day = k_channel_day(draft.day)
  if call("EXISTS", day) == 1 then
    local opens, fees = used_on(draft.day)
    call("HSET", day, "opens", exact(opens - draft.cost.opens), "fees", exact(fees - draft.cost.feeSat))
  end
end
return stored_command(id)
