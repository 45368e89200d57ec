-- Stops pairing the sessions of two people, and ends the matches between them.
-- KEYS 1 realm
-- ARGV 1 person who blocks, 2 other person, 3 now (ms)
-- returns nothing
-- uses repairing, parting, addresses

local person, other, now_ms = ARGV[1], ARGV[2], tonumber(ARGV[3])

local sessions = call("ZRANGE", k_address(person), 0, -1)
if #sessions == 0 then return end
call("SADD", k_blocked(person), other)
step.places_left = RULES.step_places
for _, session_id in ipairs(sessions) do
  local activity = activity_of(session_id, now_ms)
  local partner = activity.state == "matched" and partner_of(activity)
  if partner and person_in(session_of(partner).address) == other then
    part(activity.match, "blocked", activity.role, now_ms)()
  end
end
