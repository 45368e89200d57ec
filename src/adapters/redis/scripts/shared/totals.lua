-- uses tips

-- Totals of settled and of received tips: the number of tips and the amount (msat) of each. Redis adds them up, as
-- 64-bit integers.

local function add_to_totals(names, amount)
  for _, name in ipairs(names) do
    call("HINCRBY", k_tip_totals, name .. " count", 1)
    call("HINCRBY", k_tip_totals, name .. " msat", amount)
  end
end

local function take_from_totals(names, amount)
  for _, name in ipairs(names) do
    local count = call("HINCRBY", k_tip_totals, name .. " count", -1)
    call("HINCRBY", k_tip_totals, name .. " msat", "-" .. amount)
    if count == 0 then call("HDEL", k_tip_totals, name .. " count", name .. " msat") end
  end
end
