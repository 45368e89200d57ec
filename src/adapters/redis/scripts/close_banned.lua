-- Closes sessions of a banned network.
-- KEYS 1 realm
-- ARGV 1 network, 2 now (ms), 3 max sessions
-- returns how many were closed
-- uses repairing, closing

local address, now_ms, max = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])

local sessions = call("ZRANGE", k_address(address), 0, max - 1)
-- All are put out of reach first, so that none is paired with a session that loses another of them as its partner.
for _, session_id in ipairs(sessions) do
  call("HSET", k_session(session_id), "attached", "0")
  if activity_of(session_id, now_ms).state == "waiting" then set_aside(waiter_of(session_id)) end
end
places_left = RULES.step_places
for _, session_id in ipairs(sessions) do close(session_id, "banned", now_ms) end
return #sessions
