-- Stores a command to the operator's node, if the budget of its day and the money on the chain suffice (`exceeds` of
-- `core/channel-budget.ts`).
-- KEYS 1 realm
-- ARGV 1 id, 2 command (JSON), 3 day, 4 opens, 5 fee, 6 spend, 7 revision of the policy, 8 opens of a day, 9 fees of a
--   day, 10 reserve, 11 balance, 12 what was spent before the balance was read, 13 now (ms), 14 entry of the audit log
--   (JSON)
-- returns { "booked" }, { "known", command (JSON), asked, outcome }, { "policy_changed" } or { "over", opens, fees, in
--   flight }
-- uses channels, audit

local id, command, day = ARGV[1], ARGV[2], ARGV[3]
local opens, fee, spend = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local max_opens, max_fees, reserve = tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
local balance, now_ms = tonumber(ARGV[11]), tonumber(ARGV[13])

-- What leaves the chain besides what left the balance before it was read.
local function in_flight()
  local sum = spent_sat() - tonumber(ARGV[12])
  for _, other in ipairs(call("ZRANGE", k_commands_due, 0, -1)) do
    sum = sum + cjson.decode(call("HGET", k_commands, other)).cost.spendSat
  end
  return sum
end

local function drop(id_of_old)
  local conclusion = cjson.decode(call("HGET", k_conclusions, id_of_old))
  if conclusion.channelId then call("HDEL", k_openings, conclusion.channelId) end
  for _, key in ipairs({ k_commands, k_commands_asked, k_conclusions }) do call("HDEL", key, id_of_old) end
  call("ZREM", k_command_order, id_of_old)
end

-- Among one more than those without an outcome is one with an outcome.
local function drop_oldest()
  if call("HLEN", k_commands) < RULES.kept_commands then return end
  for _, old in ipairs(call("ZRANGE", k_command_order, 0, call("ZCARD", k_commands_due))) do
    if not call("ZSCORE", k_commands_due, old) then return drop(old) end
  end
end

if call("HEXISTS", k_commands, id) == 1 then return { "known", unpack(stored_command(id)) } end
if channel_revision() ~= ARGV[7] then return { "policy_changed" } end

local used_opens, used_fees = used_on(day)
local flying = in_flight()
local is_over = (opens > 0 and used_opens + opens > max_opens) or (fee > 0 and used_fees + fee > max_fees)
if is_over or (spend > 0 and balance - flying - spend < reserve) then
  return { "over", exact(used_opens), exact(used_fees), exact(flying) }
end

drop_oldest()
local number = next_number("command", now_ms)
call("HSET", k_commands, id, command)
call("ZADD", k_command_order, number, id)
call("ZADD", k_commands_due, number, id)
call("HSET", k_channel_day(day), "opens", exact(used_opens + opens), "fees", exact(used_fees + fee))
call("PEXPIRE", k_channel_day(day), RULES.kept_days_ms)
log_act(ARGV[14], now_ms)
return { "booked" }
