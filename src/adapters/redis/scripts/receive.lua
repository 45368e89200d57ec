-- Pairs a session with the guest that it was reserved for.
-- KEYS 1 realm
-- ARGV 1 guest, 2 epoch, 3 node, 4 network, 5 party (or empty), 6 profile (JSON, or empty), 7 blocked people, separated
--      by spaces, 8 ticket (JSON), 9 what it shares (JSON), 10 session id, 11 since (ms), 12 soft since (ms),
--      13 now (ms), 14 match id, 15 place of the other half (JSON)
-- returns { "lapsed" } or { "staying", stay (see stay_of) }
-- uses visiting, reserved

local session_id, match_id, now_ms = ARGV[10], ARGV[14], tonumber(ARGV[13])
local guest = {
  id = ARGV[1], epoch = ARGV[2], address = ARGV[4], party = ARGV[5] ~= "" and ARGV[5] or nil,
  profile = ARGV[6], ticket = ARGV[8], shared = ARGV[9], round = 0, since = ARGV[11], soft_since = ARGV[12],
  queued = "0", visit = match_id, other = ARGV[15],
}

local held = call("HGET", k_session(guest.id), "visit")
if held == match_id then
  if activity_of(guest.id, now_ms).state ~= "matched" then return { "lapsed" } end
  return { "staying", stay_of(guest.id) }
end
local waiter = reserved_for(session_id, match_id)
if not waiter or is_banned(guest.address, now_ms) then return { "lapsed" } end
if held then close_guest(guest.id, "unresponsive", nil, now_ms) end
keep_blocked(guest.party, ARGV[7])
open_guest(guest, ARGV[3], now_ms)
call("HDEL", k_session(session_id), "reserved")
waiter.round = waiter.round - 1 -- the reservation counted this match
pair(waiter, guest, "", 0, now_ms)
return { "staying", stay_of(guest.id) }
