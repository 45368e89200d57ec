-- Ends a match with the reported session and keeps the two apart for good.
-- KEYS 1 realm
-- ARGV 1 session id, 2 match id, 3 now (ms)
-- returns { "unknown" | "over" | "exhausted" | "repeated" | "reported", partner id, partner's network, start of the
--         match (ms), 1 if an offer was answered in it, else 0, reporter's network }
-- uses repairing, closing

local session_id, match_id, now_ms = ARGV[1], ARGV[2], tonumber(ARGV[3])

local function current_match(activity)
  local partner = partner_of(activity)
  local match = match_of(match_id)
  return partner, session_of(partner).address, exact(match.start), match.answered and "1" or "0"
end

local activity = activity_of(session_id, now_ms)
if not activity.epoch then return { "unknown" } end
local is_current = activity.state == "matched" and activity.match == match_id
local partner, address, start, answered
if is_current then partner, address, start, answered = current_match(activity)
else partner, address, start, answered = past_match(session_id, match_id, now_ms) end
if not partner then return { "over" } end
local about = { partner, address, start, answered, activity.address }
if not is_current and call("SISMEMBER", k_reported(session_id), match_id) == 1 then
  return { "repeated", unpack(about) }
end
if activity.made >= RULES.reported_partners then return { "exhausted" } end

local were_apart = are_apart(session_id, partner)
add(session_of(session_id), "made", 1)
call("SADD", k_reported(session_id), match_id)
if activity.state == "matched" and partner_of(activity) == partner then
  part(activity.match, "reported", activity.role, now_ms)()
end
avoid_each_other(session_id, partner, math.huge, now_ms, party_in(about[5]), party_in(address))
if not were_apart and session_of(partner).epoch then
  local received = add(session_of(partner), "received", 1)
  if received >= RULES.reported_partners then close(partner, "expired", now_ms) end
end
return { "reported", unpack(about) }
