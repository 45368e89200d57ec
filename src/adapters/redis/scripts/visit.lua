-- Opens a guest and pairs it with a waiter that fits.
-- KEYS 1 realm
-- ARGV 1 guest, 2 epoch, 3 node, 4 network, 5 party (or empty), 6 profile (JSON, or empty), 7 blocked people, separated
--      by spaces, 8 ticket (JSON), 9 round, 10 since (ms), 11 soft since (ms), 12 now (ms)
-- returns { "nobody" } or { "hosted", stay (see stay_of), partner (see traveller) }
-- uses visiting

local now_ms, guest = tonumber(ARGV[12]), guest_from(ARGV)
guest.round, guest.since, guest.soft_since = tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11])
guest.visit, guest.other = guest.ticket.id .. "." .. guest.round, ""

local function hosted()
  local partner = side_of(match_of(guest.visit), "answerer")
  return { "hosted", stay_of(guest.id), traveller(partner) }
end

local held = session_of(guest.id).visit
if held then
  local is_same = held == guest.visit
  if is_same and activity_of(guest.id, now_ms).state == "matched" then return hosted() end
  close_guest(guest.id, "unresponsive", nil, now_ms)
  if is_same then return { "nobody" } end
end
if is_banned(guest.address, now_ms) then return { "nobody" } end
keep_blocked(guest.party, ARGV[7])
set_stage(guest, now_ms)
begin_search(guest)
local found = search(guest, now_ms)
if not found then
  forget_blocked(guest.party)
  return { "nobody" }
end
open_guest(guest, ARGV[3], now_ms)
pair(guest, found, "", 0, now_ms)
return hosted()
