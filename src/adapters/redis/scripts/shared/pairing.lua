-- Who is paired with whom.
-- uses waiting, acquaintances, matches

local CHUNK = 16

-- The first of a pool whom `admits` takes and who has waited longer than the rival's score.
local function first_in(key, admits, rival)
  local from = 0
  while true do
    local some = call("ZRANGE", k_pool(key), from, from + CHUNK - 1, "WITHSCORES")
    for index = 1, #some, 2 do
      local score = tonumber(some[index + 1])
      if rival and score >= rival then return nil end
      if admits(some[index]) then return some[index], score end
    end
    if #some < 2 * CHUNK then return nil end
    from = from + CHUNK
  end
end

-- The longest-waiting of the first tier in which anyone is taken.
local function find(tiers, admits)
  for _, tier in ipairs(tiers) do
    local best, best_score
    for _, key in ipairs(tier) do
      local found, score = first_in(key, admits, best_score)
      if found then best, best_score = found, score end
    end
    if best then return best end
  end
  return nil
end

local function shared_interests(a, b)
  local theirs, shared = {}, {}
  for _, interest in ipairs(cjson.decode(b.interests)) do theirs[interest] = true end
  for _, interest in ipairs(cjson.decode(a.interests)) do
    if theirs[interest] then shared[#shared + 1] = interest end
  end
  if #shared == 0 then return "[]" end
  return cjson.encode(shared)
end

local function join(match_id, role, waiter, offer, about, now_ms)
  if waiter.kept then forget_wait(waiter.id) end
  call("HSET", k_session(waiter.id), "state", "matched", "match", match_id, "role", role)
  local offered = offer ~= "" and ',"offer":' .. offer or ""
  local event = '{"type":"matched","matchId":' .. quoted(match_id) .. ',"role":"' .. role .. '","sharedInterests":' .. about.shared
    .. offered .. ',"relayOnly":' .. about.relay .. ',"sinceMs":' .. waiter.since .. "}"
  tell(waiter.id, event, 256 + (offer ~= "" and about.offer_bytes or 0), now_ms)
end

local function pair(seeker, found_id, offer, offer_bytes, now_ms)
  local found = waiter_of(found_id)
  withdraw(seeker)
  withdraw(found)
  local waited = now_ms - tonumber(found.since)
  local average = tonumber(call("HGET", k_count, "average_wait") or "") or waited
  call("HSET", k_count, "average_wait", exact(waited * RULES.average_weight + average * (1 - RULES.average_weight)))
  local wish, other = cjson.decode(seeker.ticket), cjson.decode(found.ticket)
  local match_id = wish.id .. "." .. seeker.round
  local about = {
    shared = shared_interests(seeker, found),
    relay = tostring(wish.relayOnly or other.relayOnly),
    offer_bytes = offer_bytes,
  }
  local match = { "start", exact(now_ms), "relay", about.relay, "shared", about.shared, "answered", "0" }
  for role, side in pairs({ offerer = seeker, answerer = found }) do
    local offered = role == "offerer" and offer ~= ""
    local values = {
      id = side.id, ticket = side.ticket, interests = side.interests, since = side.since, widen_at = side.widen_at,
      round = side.round + 1, offered = offered and "1" or "0", sequence = 0,
    }
    for name, value in pairs(values) do
      match[#match + 1] = role .. "_" .. name
      match[#match + 1] = value
    end
  end
  call("HSET", k_match(match_id), unpack(match))
  call("HINCRBY", k_count, "matches", 1)
  schedule("match:" .. match_id, now_ms + RULES.handshake_ms)
  join(match_id, "answerer", found, offer, about, now_ms)
  join(match_id, "offerer", seeker, "", about, now_ms)
end

-- Pairs a waiter if somebody fits; else it stands in the pools until it is looked at again.
local function consider(waiter, offer, offer_bytes, now_ms)
  local recent_until
  local found = find(places_of(waiter).seekIn, function(other)
    if other == waiter.id then return false end
    local until_ms = avoided_until(waiter.id, other, now_ms)
    if not until_ms then return true end
    if until_ms ~= math.huge then recent_until = math.min(until_ms, recent_until or math.huge) end
    return false
  end)
  if found then return pair(waiter, found, offer, offer_bytes, now_ms) end
  stand(waiter)
  local due = now_ms + RULES.revisit_ms
  if waiter.interests ~= "[]" and now_ms < tonumber(waiter.widen_at) then due = math.min(due, tonumber(waiter.widen_at)) end
  if recent_until then due = math.min(due, recent_until) end
  schedule("waiter:" .. waiter.id, due)
  tell_wait(waiter, recent_until ~= nil, now_ms)
end

-- Makes an idle session wait; attached, it is paired at once if somebody fits.
local function enqueue(session_id, ticket, round, offer, offer_bytes, now_ms)
  local waiter = {
    id = session_id, ticket = ticket.ticket, interests = ticket.interests, since = ticket.since, widen_at = ticket.widen_at,
    round = round, order = call("HINCRBY", k_count, "order", 1), queued = "0",
    widened = now_ms >= tonumber(ticket.widen_at) and "1" or "0",
  }
  if call("HGET", k_session(session_id), "attached") == "1" then return consider(waiter, offer, offer_bytes, now_ms) end
  keep(waiter)
  tell(session_id, '{"type":"waiting",' .. wait_json(waiter, wait_of(waiter, false)) .. "}", 64, now_ms)
end

-- Looks at a waiter again, in the pools of its ticket by now.
local function revisit(session_id, now_ms)
  local waiter = waiter_of(session_id)
  if waiter.widened ~= "1" and now_ms >= tonumber(waiter.widen_at) then
    withdraw(waiter)
    call("HSET", k_session(session_id), "queued", "0", "widened", "1")
    waiter.widened = "1"
  end
  consider(waiter, "", 0, now_ms)
end
