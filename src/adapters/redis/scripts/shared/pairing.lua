-- Finds partners and pairs them.
-- uses waiting, encounters, matches, encoding, spans, profiles, guest

-- A verb with many searches sets `step.places_left`, how many more places they may pass, and `step.is_brief` while its
-- looks are planned ones: a long search then rests, and continues after other such looks.
local function pass_places(count)
  if step.places_left then step.places_left = step.places_left - count end
end

-- A search (`core/search.ts`) is text: its tier, the score of the place after which it continues, and the sessions seen
-- at that score. It is empty after the last place.
local FROM_THE_START = "1 -inf"

local function begin_search(waiter)
  waiter.search, waiter.recent, waiter.search_at, waiter.changed = FROM_THE_START, "", 0, true
end

-- The places in the pools of a tier from a score on, the lowest score first, without those seen at that score; and
-- whether these are all. Each pool is read up to a limit, and places behind the end of what was read are left out.
local function places_from(tier, score, seen, limit)
  local known, places, horizon, count = {}, {}, math.huge, limit + #seen
  -- A session that was seen there and has taken a later place since is visited again.
  for _, id in ipairs(seen) do known[id] = { score = score, pools = 0 } end
  for _, key in ipairs(tier) do
    local some = call("ZRANGEBYSCORE", k_pool(key), exact(score), "+inf", "WITHSCORES", "LIMIT", "0", exact(count))
    for index = 1, #some, 2 do
      local id, at = some[index], tonumber(some[index + 1])
      local place = known[id]
      if not place or place.score ~= at then
        place = { id = id, score = at, pools = 0 }
        known[id] = place
        places[#places + 1] = place
      end
      place.pools = place.pools + 1
    end
    if #some == 2 * count then horizon = math.min(horizon, tonumber(some[#some])) end
  end
  table.sort(places, function(a, b) return a.score < b.score or (a.score == b.score and a.id < b.id) end)
  while #places > 0 and places[#places].score > horizon do places[#places] = nil end
  return places, horizon == math.huge
end

-- The waiter at a place; nil when the place is stale, which only a fault can cause. A stale place is removed.
local function stands_at(place, tier)
  local waiter = waiter_of(place.id)
  if waiter.queued and waiter.score == place.score then return waiter end
  for _, key in ipairs(tier) do call("ZREM", k_pool(key), place.id) end
  return nil
end

-- `seekPools` of `core/pools.ts`: the pools that a waiter searches in a tier, without those of the tiers before it.
local function tier_of(waiter, tier)
  local marks, before, keys = ticket_of(waiter).seek, {}, {}
  for earlier = 1, tier - 1 do
    for _, key in ipairs(cross(marks[earlier])) do before[key] = true end
  end
  for _, key in ipairs(cross(marks[tier])) do
    if not before[key] then keys[#keys + 1] = key end
  end
  return keys
end

-- Continues a waiter's search until it finds a partner, has seen all, or must rest. Returns the partner, if any.
local function search(waiter, now_ms)
  local number, from, names = string.match(waiter.search, "^(%d+) (%S+) ?(.*)$")
  local tier, last = tonumber(number), waiter.stage + 1
  local pools = tier <= last and tier_of(waiter, tier)
  local score, seen = tonumber(from) or -math.huge, {}
  for id in string.gmatch(names, "%S+") do seen[#seen + 1] = id end
  local visits, stale, passed, limit, visited = 0, 0, 0, 1, { [waiter.id] = true }
  local bound = math.min(step.is_brief and RULES.look_places or RULES.search_places, step.places_left or math.huge)

  local function visit(place)
    visited[place.id] = true
    local until_ms = avoided_until(waiter.id, place.id, now_ms)
    local found = not until_ms and stands_at(place, pools) or nil
    if found then until_ms = avoided_as_parties_until(waiter, found, now_ms) end
    -- Tips do not reach other realms, so a guest could not pay.
    if found and is_guest(waiter.id) and ticket_of(found).priceMsat > 0 then until_ms = math.huge end
    if until_ms then found = nil end
    if until_ms then visits = visits + 1 elseif not found then stale = stale + 1 end
    if until_ms and until_ms ~= math.huge then
      local first, count = string.match(waiter.recent, "^(%S+) (%d+)$")
      first, count = math.min(until_ms, tonumber(first) or math.huge), math.min((count or 0) + 1, RULES.counted_fitting)
      waiter.recent = exact(first) .. " " .. count
    end
    return found
  end

  while bound > 0 and tier <= last do
    local places, are_all = places_from(pools, score, seen, limit)
    for _, place in ipairs(places) do
      if place.score ~= score then score, seen = place.score, {} end
      seen[#seen + 1] = place.id
      passed = passed + place.pools
      local found = not visited[place.id] and visit(place)
      if found or visits == RULES.search_visits or stale == RULES.search_visits or passed >= bound then
        pass_places(passed)
        waiter.search = tier .. " " .. exact(score) .. " " .. table.concat(seen, " ")
        return found
      end
    end
    -- The first place usually fits. If not, larger batches save calls.
    if #places > 0 then limit = math.min(16, math.ceil(bound / #pools)) end
    if are_all then
      tier, score, seen = tier + 1, -math.huge, {}
      pools = tier <= last and tier_of(waiter, tier)
    end
  end
  pass_places(passed)
  if bound > 0 then waiter.search = "" end
  return nil
end

-- `searchAgainAtMs` of `core/search.ts`.
local function search_again_at(waiter, now_ms)
  local at = now_ms + math.max(RULES.revisit_ms, now_ms - waiter.since)
  at = math.min(at, waiter.gives_way_at or math.huge)
  local recent_until = tonumber(string.match(waiter.recent, "^%S+"))
  if not recent_until then return at end
  return math.min(at, recent_until > now_ms and recent_until or now_ms + RULES.search_pause_ms)
end

-- `sharedBetween` of `core/criteria.ts`: the interests, and the others (JSON) if there are any.
local function shared_between(a, b)
  local interests, others, theirs = "[]", {}, {}
  if #a == 0 or #b == 0 then return interests end
  for _, said in ipairs(b) do
    for _, value in ipairs(said[2]) do theirs[said[1] .. " " .. value] = true end
  end
  for _, said in ipairs(a) do
    local both = {}
    for _, value in ipairs(said[2]) do
      if theirs[said[1] .. " " .. value] then both[#both + 1] = value end
    end
    if #both > 0 and said[1] == "interests" then interests = cjson.encode(both)
    elseif #both > 0 then others[#others + 1] = { said[1], both } end
  end
  return interests, #others > 0 and cjson.encode(others) or nil
end

-- What partners are shown about the person of a waiter, or an empty string. A session without a party has no person.
local function profile_of(waiter) return waiter.party and call("GET", k_profile(waiter.id)) or "" end

local function join(match_id, role, waiter, offer, about, now_ms)
  forget_wait(waiter)
  local session = session_of(waiter.id)
  put(session, "state", "matched")
  put(session, "match", match_id)
  put(session, "role", role)
  local event = string.format(
    RULES.event_matched, match_id, role, about.shared, about.relay, exact(waiter.since)
  )
  local profile, others = about.profiles[other_role(role)], about.others
  if profile ~= "" then event = with_field(event, "partnerProfile", profile) end
  event = with_modes(event, about.modes[other_role(role)], about.modes[role])
  event = with_prices(event, about.prices[other_role(role)], about.prices[role], exact(now_ms))
  if others then event = with_field(event, "sharedAttributes", others) end
  local bytes = 256 + (offer ~= "" and about.offer_bytes or 0) + #profile + #(others or "")
  append(waiter.id, event, bytes, now_ms, "offer", offer)
end

local function count_wait(waiter, now_ms)
  local waited = now_ms - waiter.since
  local average = counts().average_wait or waited
  put(counts(), "average_wait", waited * RULES.average_weight + average * (1 - RULES.average_weight))
end

-- A field is absent where its value is the usual one: no other attributes, nobody known, a picture, no price.
local function match_between(sides, about, now_ms)
  local match = { start = now_ms, relay = about.relay, shared = about.shared, shared_others = about.others }
  for role, side in pairs(sides) do
    local names, profile, price = SIDE[role], about.profiles[role], about.prices[role]
    match[names.id], match[names.party] = side.id, side.party
    match[names.since], match[names.soft_since], match[names.round] = side.since, side.soft_since, side.round + 1
    match[names.sequence], match[names.mode], match[names.rematch] = 0, about.modes[role], about.rematch[role]
    match[names.profile], match[names.price] = profile ~= "" and profile or nil, price ~= "0" and price or nil
  end
  return match
end

local function pair(seeker, found, offer, offer_bytes, now_ms)
  withdraw(seeker)
  withdraw(found)
  count_wait(found, now_ms)
  local own, other = ticket_of(seeker), ticket_of(found)
  local match_id = own.id .. "." .. seeker.round
  local shared, others = shared_between(own.shared, other.shared)
  local about = {
    shared = shared, others = others, modes = { offerer = own.mode, answerer = other.mode },
    prices = { offerer = exact(own.priceMsat), answerer = exact(other.priceMsat) },
    relay = tostring(own.relayOnly or other.relayOnly),
    offer_bytes = offer_bytes, rematch = { offerer = own.rematch or nil, answerer = other.rematch or nil },
    profiles = { offerer = profile_of(seeker), answerer = profile_of(found) },
  }
  local match = match_between({ offerer = seeker, answerer = found }, about, now_ms)
  if offer ~= "" then match.offerer_offered = true end
  new_match(match_id, match)
  add(counts(), "matches", 1)
  log_began(match_id, seeker, found, about.relay, now_ms)
  schedule("match:" .. match_id, now_ms + RULES.handshake_ms)
  join(match_id, "answerer", found, offer, about, now_ms)
  join(match_id, "offerer", seeker, "", about, now_ms)
end

-- Continues a waiter's search and pairs it with the partner found. Without one, it stands in the pools until the next
-- look.
local function consider(waiter, offer, offer_bytes, now_ms)
  local searches = waiter.search ~= ""
  local found = searches and search(waiter, now_ms)
  if found then return pair(waiter, found, offer, offer_bytes, now_ms) end
  local due = step.is_brief and now_ms or now_ms + RULES.search_pause_ms
  if waiter.search == "" then
    if searches then waiter.search_at = search_again_at(waiter, now_ms) end
    due = math.min(waiter.search_at, now_ms + RULES.revisit_ms)
  end
  stand(waiter)
  look_at(waiter, waiter.search == "" and k_looks or k_rests, due)
  append_wait_change(waiter, waiter.recent ~= "", now_ms)
end

-- Makes an idle session wait: since when, in which round, and with its ticket, unless that is stored. An attached one
-- is paired at once if a partner fits.
local function enqueue(session_id, wait, offer, offer_bytes, now_ms)
  local session = session_of(session_id)
  local waiter = {
    id = session_id, party = session.party, ticket = wait.ticket, since = wait.since, soft_since = wait.soft_since,
    round = wait.round, queued = false, look = "", sent = "",
  }
  set_score(waiter)
  set_stage(waiter, now_ms)
  begin_search(waiter)
  if session.attached then return consider(waiter, offer, offer_bytes, now_ms) end
  keep(waiter)
  append_waiting(waiter, wait_of(waiter, false), now_ms)
end

-- Considers a waiter again, in its present stage. A waiter that enters new pools searches them from the start.
local function revisit(session_id, now_ms)
  local waiter = waiter_of(session_id)
  if waiter.gives_way_at and now_ms >= waiter.gives_way_at then
    withdraw(waiter)
    pass_places(#stands_in(waiter))
    set_stage(waiter, now_ms)
    pass_places(#stands_in(waiter))
  end
  local may_search_again = waiter.search == "" and now_ms >= waiter.search_at
  if not waiter.queued or may_search_again then begin_search(waiter) end
  consider(waiter, "", 0, now_ms)
end
