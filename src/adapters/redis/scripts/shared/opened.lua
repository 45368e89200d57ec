-- The number of open sessions by the network that they were opened from.

local k_opened = base .. ":opened"

-- Subtracts a closed session from its networks, joined by dots.
local function count_out(networks)
  for key in string.gmatch(networks or "", "[^.]+") do
    if call("HINCRBY", k_opened, key, -1) <= 0 then call("HDEL", k_opened, key) end
  end
end
