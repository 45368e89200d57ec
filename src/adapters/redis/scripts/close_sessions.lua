-- Closes sessions of a network or a person, except the newest ones.
-- KEYS 1 realm
-- ARGV 1 network or person, 2 reason, 3 how many to keep, 4 now (ms), 5 max sessions
-- returns how many were closed
-- uses repairing, closing

local address, reason, kept, now_ms, max = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])

local count = math.min(max, call("ZCARD", k_address(address)) - kept)
if count <= 0 then return 0 end
local sessions = call("ZRANGE", k_address(address), 0, count - 1)
-- All are put out of reach first, so that none is paired with a session that loses another of them as its partner.
for _, session_id in ipairs(sessions) do
  put(session_of(session_id), "attached", false)
  if activity_of(session_id, now_ms).state == "waiting" then withdraw(waiter_of(session_id)) end
end
step.places_left = RULES.step_places
for _, session_id in ipairs(sessions) do close(session_id, reason, now_ms) end
return #sessions
