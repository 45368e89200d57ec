-- How many sessions there are that were opened from each network.

local k_opened = base .. ":opened"

-- A session that was opened from those networks (joined by dots) is over.
local function count_out(networks)
  for key in string.gmatch(networks or "", "[^.]+") do
    if call("HINCRBY", k_opened, key, -1) <= 0 then call("HDEL", k_opened, key) end
  end
end
