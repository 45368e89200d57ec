-- uses records

-- Deposits, stored as JSON of TypeScript by their IDs.

local k_deposits = base .. ":deposits"
-- The latest deposit of each session and browser.
local k_deposit_holders = base .. ":deposits:holders"

-- Sorted IDs of deposits. "all" is sorted by the number of the latest change, "open" by when a deposit is due, "open:…"
-- (of an instance) by the time of a change, and "kept" (final deposits) by when one is dropped.
local function k_deposit_list(name) return base .. ":deposits:list:" .. name end

-- The number of a deposit's latest change, or nil.
local function deposit_number(id)
  local number = call("ZSCORE", k_deposit_list("all"), id)
  return number and exact(number) or nil
end

-- Writes a deposit into its lists; `list` is "open" or "kept". Returns its new number.
local function write_deposit(id, json, instance, changed_ms, due_ms, list)
  local number = next_number("deposit", tonumber(changed_ms))
  call("HSET", k_deposits, id, json)
  call("ZADD", k_deposit_list("all"), number, id)
  if list == "open" then
    call("ZADD", k_deposit_list("open"), due_ms, id)
    call("ZADD", k_deposit_list("open:" .. instance), changed_ms, id)
  else
    call("ZREM", k_deposit_list("open"), id)
    call("ZREM", k_deposit_list("open:" .. instance), id)
    call("ZADD", k_deposit_list("kept"), due_ms, id)
  end
  return number
end
