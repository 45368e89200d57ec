-- uses tips

-- Stores a tip's new state: { id, json, match, payer, payee, changed_ms, is_open, until_ms }. The last is its deadline
-- while it is open, else when it may be deleted. Returns the number of the change.
local function write_tip(tip)
  local number = next_number("tip", tip.changed_ms)
  call("HSET", k_tips, tip.id, tip.json)
  for _, list in ipairs(tip_lists(tip.match, tip.payer, tip.payee)) do call("ZADD", list, number, tip.id) end
  call("ZADD", k_tip_list("pending"), tip.changed_ms, tip.id)
  call("ZADD", k_tip_list(tip.is_open and "open" or "kept"), tip.until_ms, tip.id)
  if tip.is_open then
    call("ZADD", k_tip_list("open:" .. tip.payer), tip.until_ms, tip.id)
  else
    call("ZREM", k_tip_list("open"), tip.id)
    call("ZREM", k_tip_list("open:" .. tip.payer), tip.id)
  end
  return number
end
