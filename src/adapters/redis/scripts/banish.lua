-- Closes the sessions of a network that was banned.
-- KEYS 1 realm
-- ARGV 1 network, 2 now (ms), 3 most
-- returns how many there were
-- uses mending, closing

local address, now_ms, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])

local sessions = call("ZRANGE", k_address(address), 0, most - 1)
-- First of all they are out of reach: whoever loses one of them as a partner must not be paired with the next.
for _, session_id in ipairs(sessions) do
  call("HSET", k_session(session_id), "attached", "0")
  if doing_of(session_id, now_ms).state == "waiting" then set_aside(waiter_of(session_id)) end
end
places_left = RULES.step_places
for _, session_id in ipairs(sessions) do close(session_id, "banned", now_ms) end
return #sessions
