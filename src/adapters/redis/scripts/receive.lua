-- Pairs a session with the guest that it was reserved for.
-- KEYS 1 realm
-- ARGV 1 guest, 2 epoch, 3 node, 4 network, 5 party (or empty), 6 profile (JSON, or empty), 7 blocked people, separated
--      by spaces, 8 ticket (JSON), 9 session id, 10 since (ms), 11 soft since (ms), 12 now (ms), 13 match id, 14 place
--      of the other half (JSON)
-- returns { "lapsed" } or { "staying", stay (see stay_of) }
-- uses visiting, reserved

local now_ms, session_id, match_id, guest = tonumber(ARGV[12]), ARGV[9], ARGV[13], guest_from(ARGV)
guest.round, guest.since, guest.soft_since = 0, tonumber(ARGV[10]), tonumber(ARGV[11])
guest.visit, guest.other = match_id, ARGV[14]

local held = session_of(guest.id).visit
if held == match_id then
  if activity_of(guest.id, now_ms).state ~= "matched" then return { "lapsed" } end
  return { "staying", stay_of(guest.id) }
end
local waiter = reserved_for(session_id, match_id)
if not waiter or is_banned(guest.address, now_ms) then return { "lapsed" } end
if held then close_guest(guest.id, "unresponsive", nil, now_ms) end
keep_blocked(guest.party, ARGV[7])
open_guest(guest, ARGV[3], now_ms)
put(session_of(session_id), "reserved", nil)
waiter.round = waiter.round - 1 -- the reservation counted this match
pair(waiter, guest, "", 0, now_ms)
return { "staying", stay_of(guest.id) }
