-- On which network each session opened its newest stream.

local function k_address(key) return base .. ":address:" .. key end

-- A session is on that network from now on, or on none.
local function move_to(session_id, former, address)
  if former == address then return end
  if former then call("SREM", k_address(former), session_id) end
  if address then
    call("SADD", k_address(address), session_id)
    call("HSET", k_session(session_id), "address", address)
  end
end
