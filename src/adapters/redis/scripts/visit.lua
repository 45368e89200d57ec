-- Opens a guest and pairs it with a waiter that fits.
-- KEYS 1 realm
-- ARGV 1 guest, 2 epoch, 3 node, 4 network, 5 party (or empty), 6 profile (JSON, or empty), 7 blocked people, separated
--      by spaces, 8 ticket (JSON), 9 what it shares (JSON), 10 round, 11 since (ms), 12 soft since (ms), 13 now (ms)
-- returns { "nobody" } or { "hosted", stay (see stay_of), partner (see traveller) }
-- uses visiting

local now_ms = tonumber(ARGV[13])
local guest = {
  id = ARGV[1], epoch = ARGV[2], address = ARGV[4], party = ARGV[5] ~= "" and ARGV[5] or nil,
  profile = ARGV[6], ticket = ARGV[8], shared = ARGV[9], round = ARGV[10], since = ARGV[11], soft_since = ARGV[12],
  queued = "0", other = "",
}
guest.visit = ticket_of(guest).id .. "." .. guest.round

local function hosted()
  local partner = partner_of(fields(k_session(guest.id), "match", "role"))
  local names, waiter = { "ticket", "shared", "round", "since", "soft_since", "party", "profile" }, { id = partner }
  for index, name in ipairs(names) do names[index] = "answerer_" .. name end
  for name, value in pairs(fields(k_match(guest.visit), unpack(names))) do
    waiter[string.sub(name, #"answerer_" + 1)] = value
  end
  return { "hosted", stay_of(guest.id), traveller(waiter, call("HGET", k_session(partner), "address")) }
end

local held = call("HGET", k_session(guest.id), "visit")
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
