-- On which network each session opened its newest stream: the sessions of each, in the order in which they came to it.

local function k_address(key) return base .. ":address:" .. key end

-- A session is on that network from now on, or on none.
local function move_to(session_id, former, address)
  if former == address then return end
  if former then call("ZREM", k_address(former), session_id) end
  if address then
    call("ZADD", k_address(address), call("HINCRBY", k_count, "moves", 1), session_id)
    call("HSET", k_session(session_id), "address", address)
  end
end
