-- The partners of a session: those that it avoids, and those that it may still report. What a person or a browser
-- avoids holds for all its sessions.
-- uses bus

local function k_avoided(id) return base .. ":avoided:" .. id end
-- Matches that ended, in that order.
local function k_past(id) return base .. ":past:" .. id end
local function k_reported(id) return base .. ":reported:" .. id end

local function avoided_until(a, b, now_ms)
  local until_ms = math.max(
    tonumber(call("ZSCORE", k_avoided(a), b) or 0),
    tonumber(call("ZSCORE", k_avoided(b), a) or 0)
  )
  if until_ms > now_ms then return until_ms end
  return nil
end

-- Up to this number, those that may meet again are left in the set.
local FEW = 8

local function avoid(session_id, partner_id, until_ms, now_ms)
  local avoided = k_avoided(session_id)
  call("ZADD", avoided, "GT", exact(until_ms), partner_id)
  if call("ZCARD", avoided) <= FEW then return end
  call("ZREMRANGEBYSCORE", avoided, "-inf", exact(now_ms))
  local excess = call("ZCOUNT", avoided, "-inf", "(inf") - RULES.recent_partners
  if excess > 0 then call("ZREMRANGEBYRANK", avoided, 0, excess - 1) end
end

-- The people that a person with sessions has blocked.
local function k_blocked(person) return base .. ":blocked:" .. person end

-- Pairs of parties, each a person, else a browser, else a session, by the time until which they are kept apart.
local k_parted = base .. ":parted"

local function pair_of(a, b)
  if b < a then a, b = b, a end
  return a .. " " .. b
end

-- The person in the address of a session, or nil.
local function person_in(address) return string.match(address or "", "^~[^.]+") end

-- The party in it, or nil.
local function party_in(address) return string.match(address or "", "^[~^][^.]+") end

local function is_person(party) return party and string.sub(party, 1, 1) == "~" end

local function is_blocked(person, other) return call("SISMEMBER", k_blocked(person), other) == 1 end

-- Until when two waiters are kept apart for who they are, or nil.
local function avoided_as_parties_until(a, b, now_ms)
  if is_person(a.party) and is_person(b.party) then
    local may_meet = a.party ~= b.party and not is_blocked(a.party, b.party) and not is_blocked(b.party, a.party)
    if not may_meet then return math.huge end
  end
  if a.party == b.party then return nil end -- both unknown, or two tabs of one browser
  local until_ms = tonumber(call("ZSCORE", k_parted, pair_of(a.party or a.id, b.party or b.id)) or 0)
  return until_ms > now_ms and until_ms or nil
end

-- Keeps two parties apart in their further sessions. Of too many pairs, those are dropped that may meet again first. Of
-- those that may meet again, a few are dropped each time, so that no step takes long.
local function keep_parted(a, b, until_ms, now_ms)
  if until_ms == math.huge then until_ms = now_ms + RULES.avoid_reported_ms end
  call("ZADD", k_parted, "GT", exact(until_ms), pair_of(a, b))
  call("PEXPIRE", k_parted, RULES.avoid_reported_ms)
  local first = call("ZRANGE", k_parted, 0, RULES.parted_at_once - 1, "WITHSCORES")
  local excess = call("ZCARD", k_parted) - RULES.parted_pairs
  for index = 1, #first, 2 do
    if tonumber(first[index + 1]) > now_ms and index > 2 * excess then break end
    call("ZREM", k_parted, first[index])
  end
end

local function are_apart(a, b) return avoided_until(a, b, 0) == math.huge end

-- What a report of an ended match needs: the match, the partner, its network, the start, whether an offer was answered,
-- and the end.
local PAST = "^(%S+) (%S+) (%S*) (%S+) (%d) (%S+)$"

-- `crowdedOut` of `core/past-matches.ts`: the entry to remove.
local function crowded_out(entries)
  local met, largest = {}, { count = 0 }
  for index, entry in ipairs(entries) do
    local network = string.match(entry, "^%S+ %S+ %S-([^%s.]*) ")
    met[network] = met[network] or { first = entry, count = 0, place = index }
    met[network].count = met[network].count + 1
  end
  for _, one in pairs(met) do
    local is_tie = one.count == largest.count
    if one.count > largest.count or (is_tie and one.place < largest.place) then largest = one end
  end
  return largest.first
end

local function is_outdated(entry, now_ms)
  local ended = string.match(entry, "^.* (%S+)$") -- a pattern without `^` is tried at each character
  return tonumber(ended) < now_ms - RULES.reportable_ms
end

-- Stores what a report of an ended match needs, if there is such a session.
local function remember(session_id, match, partner_id, now_ms)
  if not session_of(session_id).epoch then return end
  local past, address = k_past(session_id), session_of(partner_id).address or ""
  local entry = { match.id, partner_id, address, exact(match.start), match.answered and "1" or "0", exact(now_ms) }
  local count = call("RPUSH", past, table.concat(entry, " "))
  while count > 1 and is_outdated(call("LINDEX", past, 0), now_ms) do
    call("LPOP", past)
    count = count - 1
  end
  if count > RULES.past_matches then call("LREM", past, 1, crowded_out(call("LRANGE", past, 0, -1))) end
end

-- The partner of an ended match, its network, the start, and "1" if an offer was answered in it; nil when the match was
-- not the session's, or ended too long ago.
local function past_match(session_id, match_id, now_ms)
  for _, entry in ipairs(call("LRANGE", k_past(session_id), 0, -1)) do
    local id, partner, address, start, answered = string.match(entry, PAST)
    if id == match_id and not is_outdated(entry, now_ms) then return partner, address, start, answered end
  end
end

-- Redacts what a mailbox holds of the matches with a partner, so that it is not delivered. A redaction is a match and
-- the last sequence that it covers.
local function redact_from(session_id, partner_id)
  local notes, session = "", session_of(session_id)
  for _, entry in ipairs(call("LRANGE", k_past(session_id), 0, -1)) do
    local match_id, partner = string.match(entry, PAST)
    if partner == partner_id then notes = notes .. match_id .. " " .. session.sequence .. " " end
  end
  if notes == "" then return end
  notes = (session.redacted or "") .. notes
  put(session_of(session_id), "redacted", string.sub(notes, -RULES.redacted_bytes))
  notify_change(session_id) -- events that came over the bus and were not delivered yet must be read again
end

-- Keeps two sessions, each with its party if known, apart, even if one of them is closed. If it is for good, their
-- mailboxes deliver nothing more from the other.
local function avoid_each_other(a, b, until_ms, now_ms, party_a, party_b)
  if party_a ~= party_b then -- equal ones are unknown, or two tabs of one browser, which has others
    keep_parted(party_a or a, party_b or b, until_ms, now_ms)
    if until_ms ~= math.huge then return end
  end
  for own, other in pairs({ [a] = b, [b] = a }) do
    if session_of(own).epoch then
      avoid(own, other, until_ms, now_ms)
      if until_ms == math.huge then redact_from(own, other) end
    end
  end
end
