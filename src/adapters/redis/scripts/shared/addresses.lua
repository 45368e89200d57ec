-- On which networks each session opened its newest stream: the sessions of each, in the order in which they came to it. A
-- network is named with the wider ones that it is part of, joined by dots.

local function k_address(key) return base .. ":address:" .. key end

-- A session is on that network from now on, or on none.
local function move_to(session_id, former, address)
  if former == address then return end
  for key in string.gmatch(former or "", "[^.]+") do call("ZREM", k_address(key), session_id) end
  if address then
    local place = call("HINCRBY", k_count, "moves", 1)
    for key in string.gmatch(address, "[^.]+") do call("ZADD", k_address(key), place, session_id) end
    call("HSET", k_session(session_id), "address", address)
  end
end
