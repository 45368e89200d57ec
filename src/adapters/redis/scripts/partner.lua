-- Returns the partner of a session in a match that is current or ended recently.
-- KEYS 1 realm
-- ARGV 1 session id, 2 match id, 3 now (ms)
-- returns { "unknown" | "over" | "partner", partner id, partner's network, own network }
-- uses matches, encounters

local session_id, match_id, now_ms = ARGV[1], ARGV[2], tonumber(ARGV[3])

local activity = session_of(session_id)
if not activity.epoch then return { "unknown" } end
local is_current = activity.state == "matched" and activity.match == match_id
local partner, address
if is_current then partner = partner_of(activity) else partner, address = past_match(session_id, match_id, now_ms) end
if not partner or not session_of(partner).epoch or are_apart(session_id, partner) then
  return { "over" }
end
address = address or session_of(partner).address
return { "partner", partner, address, activity.address }
