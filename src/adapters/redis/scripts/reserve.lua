-- Takes people who have waited for long out of the pools, in turn, each for a match with a guest.
-- KEYS 1 realm
-- ARGV 1 since when they wait at the latest (ms), 2 until when they are reserved (ms), 3 limit
-- returns { match id, person (see traveller), match id, person, … }
-- uses visiting

local latest, until_ms, limit = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])

local long = call("ZCOUNT", k_waits, "-inf", latest)
if long == 0 then return {} end
local turn = (counts().reserved or 0) % long
local found = call("ZRANGE", k_waits, turn, math.min(turn + limit, long) - 1)
put(counts(), "reserved", turn + #found)
local answer = {}
for _, session_id in ipairs(found) do
  local waiter = waiter_of(session_id)
  -- Tips do not reach other realms, so nobody there could pay.
  if waiter.queued and ticket_of(waiter).priceMsat == 0 then
    local match_id = ticket_of(waiter).id .. "." .. waiter.round
    answer[#answer + 1] = match_id
    answer[#answer + 1] = traveller(waiter)
    withdraw(waiter)
    waiter.round = waiter.round + 1
    put(session_of(session_id), "reserved", match_id)
    look_at(waiter, k_looks, until_ms)
  end
end
return answer
