-- The actions of moderators. Like reports, they are kept permanently.
-- uses records

local k_actions = base .. ":actions"
local k_action_lifts = base .. ":actions:lifts"
-- When warnings were acknowledged, in milliseconds.
local k_action_acknowledged = base .. ":actions:acknowledged"
-- Actions by number, by when they expire, and by when they are dropped.
local k_action_order = base .. ":actions:order"
local k_action_expiry = base .. ":actions:expiry"
local k_action_drops = base .. ":actions:drops"
-- The actions about each key, by number.
local function k_actions_about(key) return base .. ":actions:about:" .. key end

local function number_action(id, key, now_ms)
  local number = next_number("action", now_ms)
  call("ZADD", k_action_order, number, id)
  call("ZADD", k_actions_about(key), number, id)
end

-- `actionAudit` of `core/audit.ts`.
local function action_entry(act, action, by)
  local detail = action.kind .. " " .. action.addressKey
  return cjson.encode({ act = act, by = by, action = action.id, detail = detail })
end
