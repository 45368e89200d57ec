-- The sessions of each network, in the order in which they came to it. A session is on the network of its newest
-- stream. An address lists a network and the wider ones that it is part of, joined by dots.
-- uses objects

local function k_address(key) return base .. ":address:" .. key end

-- Moves a session to another address, or to none.
local function move_to(session_id, former, address)
  if former == address then return end
  for key in string.gmatch(former or "", "[^.]+") do call("ZREM", k_address(key), session_id) end
  if address then
    local place = add(counts(), "moves", 1)
    for key in string.gmatch(address, "[^.]+") do call("ZADD", k_address(key), place, session_id) end
    put(session_of(session_id), "address", address)
  end
end
