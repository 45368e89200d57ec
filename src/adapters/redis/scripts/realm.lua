-- What every verb stands on: the moves of `adapters/memory/realm.ts`, said in Lua. It holds guard and move; the rules are
-- the table RULES, which the loader writes above this text from `core`.
--
-- All keys of a realm begin with KEYS[1], whose hash tag puts them into one slot, so that a verb may touch any of them.

local base = KEYS[1]

local function k_session(id) return base .. ":session:" .. id end
local function k_mail(id) return base .. ":mail:" .. id end
local function k_avoided(id) return base .. ":avoided:" .. id end
local function k_past(id) return base .. ":past:" .. id end
local function k_reported(id) return base .. ":reported:" .. id end
local function k_closed(id) return base .. ":closed:" .. id end
local function k_match(id) return base .. ":match:" .. id end
local function k_pool(key) return base .. ":pool:" .. key end
local function k_attached(node) return base .. ":attached:" .. node end
local k_agenda = base .. ":agenda"
local k_nodes = base .. ":nodes"
local k_count = base .. ":count"
local k_bus = base .. ":bus"

local call = redis.call

local function fields(key, ...)
  local names = { ... }
  local values = call("HMGET", key, unpack(names))
  local found = {}
  for index, name in ipairs(names) do found[name] = values[index] or nil end
  return found
end

local function exact(number) return string.format("%.17g", number) end
local function quoted(text) return cjson.encode(text) end

local function listed(list)
  if #list == 0 then return "[]" end
  return cjson.encode(list)
end

local function other_role(role)
  if role == "offerer" then return "answerer" end
  return "offerer"
end

-- Counts the lives of the servers that have held the realm. One that started again, from whatever file, or took over may
-- not know what was told last and would use sequences and generations twice; so every epoch ends with its era, and
-- generations of a later era are higher. Whether the server still lives the same life is asked again after a while that
-- is too short for any to start.
local SAME_LIFE_MS = 50
local function era()
  local time, server = call("TIME"), RULES.is_cluster and call("CLUSTER", "MYID") or ""
  local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
  local held = fields(k_count, "server", "life", "seen", "era")
  if held.server == server and math.abs(now_ms - held.seen) < SAME_LIFE_MS then return tonumber(held.era) end
  call("HSET", k_count, "server", server, "seen", exact(now_ms))
  local life = string.match(call("INFO", "server"), "run_id:(%x+)")
  if held.life == life then return tonumber(held.era) end
  call("HSET", k_count, "life", life)
  return call("HINCRBY", k_count, "era", 1)
end

-- The epoch as streams and clients know it.
local function epoch_of(session_id)
  local epoch = call("HGET", k_session(session_id), "epoch")
  local now = era()
  if now == 1 then return epoch end
  return epoch .. "." .. now
end

-- Sets a date; ties are kept in the order in which they were set.
local function schedule(item, due_ms)
  local order = call("HINCRBY", k_count, "agenda", 1) % 4096
  call("ZADD", k_agenda, exact(due_ms + order / 4096), item)
end

local function unschedule(item) call("ZREM", k_agenda, item) end

-- Wakes the node that holds the session's stream. Each message has a number, so that a node notices what it missed; a
-- node that nobody takes to live has none.
local function notify(session_id, message)
  local node = call("HGET", k_session(session_id), "node")
  if not node or call("HEXISTS", k_bus, node) == 0 then return end
  local number = call("HINCRBY", k_bus, node, 1)
  call(RULES.publish, base .. ":bus:" .. node, number .. " " .. session_id .. " " .. message)
end

local function drop_oldest(session_id)
  local oldest = call("XRANGE", k_mail(session_id), "-", "+", "COUNT", 1)[1]
  if not oldest then return end
  call("XDEL", k_mail(session_id), oldest[1])
  call("HINCRBY", k_session(session_id), "bytes", -tonumber(oldest[2][4]))
end

-- Appends an event (JSON) to a mailbox, within its bounds. The id of the entry is the sequence.
local function tell(session_id, event, bytes, now_ms)
  local session, mail = k_session(session_id), k_mail(session_id)
  local sequence = call("HINCRBY", session, "sequence", 1)
  call("XADD", mail, sequence .. "-0", "event", event, "bytes", bytes, "at", exact(now_ms))
  local held = call("HINCRBY", session, "bytes", bytes)
  while held > RULES.mailbox_bytes or call("XLEN", mail) > RULES.mailbox_events do
    drop_oldest(session_id)
    held = tonumber(call("HGET", session, "bytes"))
  end
  notify(session_id, "event " .. epoch_of(session_id) .. " " .. sequence .. " " .. event)
end

-- ---------------------------------------------------------------- waiting

local function places_of(waiter)
  local ticket = cjson.decode(waiter.ticket)
  if waiter.widened == "1" then return ticket.wide end
  return ticket.narrow
end

local WAITER = { "ticket", "interests", "since", "widen_at", "round", "order", "widened", "queued", "attached", "told_count", "told_widened", "told_recent" }

local function waiter_of(session_id)
  local waiter = fields(k_session(session_id), unpack(WAITER))
  waiter.id = session_id
  return waiter
end

local function score_of(waiter) return tonumber(waiter.since) + (tonumber(waiter.order) % 4096) / 4096 end

local function stand(waiter)
  if waiter.queued == "1" then return end
  for _, key in ipairs(places_of(waiter).waitIn) do call("ZADD", k_pool(key), exact(score_of(waiter)), waiter.id) end
  call("HSET", k_session(waiter.id), "queued", "1")
  call("HINCRBY", k_count, "waiting", 1)
  waiter.queued = "1"
end

local function set_aside(waiter)
  unschedule("waiter:" .. waiter.id)
  if waiter.queued ~= "1" then return end
  for _, key in ipairs(places_of(waiter).waitIn) do call("ZREM", k_pool(key), waiter.id) end
  call("HSET", k_session(waiter.id), "queued", "0")
  call("HINCRBY", k_count, "waiting", -1)
  waiter.queued = "0"
end

local function wait_of(waiter, only_recent)
  local count = fields(k_count, "waiting", "average_wait")
  return {
    count = tonumber(count.waiting or 0),
    average = count.average_wait,
    widened = waiter.interests ~= "[]" and waiter.widened == "1",
    recent = only_recent,
  }
end

-- The fields of a wait as JSON, without braces.
local function wait_json(waiter, wait)
  local estimated = wait.average and ',"estimatedWaitMs":' .. wait.average or ""
  return '"sinceMs":' .. waiter.since .. ',"waitingCount":' .. wait.count .. estimated
    .. ',"widened":' .. tostring(wait.widened) .. ',"onlyRecentPartners":' .. tostring(wait.recent)
end

local function tell_wait(waiter, only_recent, now_ms)
  local wait = wait_of(waiter, only_recent)
  local told = tonumber(waiter.told_count or "")
  local is_news = not told or math.abs(wait.count - told) > told / 20
    or waiter.told_widened ~= tostring(wait.widened) or waiter.told_recent ~= tostring(wait.recent)
  if not is_news then return end
  call("HSET", k_session(waiter.id), "told_count", wait.count, "told_widened", tostring(wait.widened), "told_recent", tostring(wait.recent))
  tell(waiter.id, '{"type":"waiting",' .. wait_json(waiter, wait) .. "}", 64, now_ms)
end

local function avoided_until(a, b, now_ms)
  local until_ms = math.max(
    tonumber(call("ZSCORE", k_avoided(a), b) or 0),
    tonumber(call("ZSCORE", k_avoided(b), a) or 0)
  )
  if until_ms > now_ms then return until_ms end
  return nil
end

-- ---------------------------------------------------------------- pairing

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
  return listed(shared)
end

local function join(match_id, role, session_id, offer, about, now_ms)
  local session = k_session(session_id)
  call("HDEL", session, "ticket", "interests", "since", "widen_at", "round", "order", "widened", "queued", "told_count", "told_widened", "told_recent")
  call("HSET", session, "state", "matched", "match", match_id, "role", role)
  local offered = offer ~= "" and ',"offer":' .. offer or ""
  local event = '{"type":"matched","matchId":' .. quoted(match_id) .. ',"role":"' .. role .. '","sharedInterests":' .. about.shared
    .. offered .. ',"relayOnly":' .. about.relay .. "}"
  tell(session_id, event, 256 + (offer ~= "" and about.offer_bytes or 0), now_ms)
end

local function pair(seeker, found_id, offer, offer_bytes, now_ms)
  local found = waiter_of(found_id)
  set_aside(seeker)
  set_aside(found)
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
  local match = { "start", exact(now_ms), "relay", about.relay, "shared", about.shared }
  for role, side in pairs({ offerer = seeker, answerer = found }) do
    local heard = role == "offerer" and offer ~= ""
    local values = {
      id = side.id, ticket = side.ticket, interests = side.interests, since = side.since, widen_at = side.widen_at,
      round = side.round + 1, heard = heard and "1" or "0", sequence = 0,
    }
    for name, value in pairs(values) do
      match[#match + 1] = role .. "_" .. name
      match[#match + 1] = value
    end
  end
  call("HSET", k_match(match_id), unpack(match))
  call("HINCRBY", k_count, "matches", 1)
  schedule("match:" .. match_id, now_ms + RULES.handshake_ms)
  join(match_id, "answerer", found_id, offer, about, now_ms)
  join(match_id, "offerer", seeker.id, "", about, now_ms)
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
  local session = k_session(session_id)
  local order = call("HINCRBY", k_count, "order", 1)
  local widened = now_ms >= tonumber(ticket.widen_at) and "1" or "0"
  call("HDEL", session, "match", "role", "told_count", "told_widened", "told_recent")
  call("HSET", session, "state", "waiting", "ticket", ticket.ticket, "interests", ticket.interests, "since", ticket.since,
    "widen_at", ticket.widen_at, "round", round, "order", order, "widened", widened, "queued", "0")
  local waiter = waiter_of(session_id)
  if waiter.attached == "1" then return consider(waiter, offer, offer_bytes, now_ms) end
  tell(session_id, '{"type":"waiting",' .. wait_json(waiter, wait_of(waiter, false)) .. "}", 64, now_ms)
end

-- Looks at a waiter again, in the pools of its ticket by now.
local function revisit(session_id, now_ms)
  local waiter = waiter_of(session_id)
  if waiter.widened ~= "1" and now_ms >= tonumber(waiter.widen_at) then
    set_aside(waiter)
    call("HSET", k_session(session_id), "widened", "1")
    waiter.widened = "1"
  end
  consider(waiter, "", 0, now_ms)
end

-- ---------------------------------------------------------------- parting

local function avoid(session_id, partner_id, until_ms, now_ms)
  local avoided = k_avoided(session_id)
  call("ZADD", avoided, exact(until_ms), partner_id)
  call("ZREMRANGEBYSCORE", avoided, "-inf", exact(now_ms))
  local excess = call("ZCOUNT", avoided, "-inf", "(inf") - RULES.recent_partners
  if excess > 0 then call("ZREMRANGEBYRANK", avoided, 0, excess - 1) end
end

local function avoid_each_other(a, b, until_ms, now_ms)
  if call("EXISTS", k_session(a)) == 1 and call("EXISTS", k_session(b)) == 1 then
    avoid(a, b, until_ms, now_ms)
    avoid(b, a, until_ms, now_ms)
  end
end

local function remember(session_id, match_id, partner_id, now_ms)
  local past = k_past(session_id)
  call("ZADD", past, exact(now_ms), match_id .. " " .. partner_id)
  call("ZREMRANGEBYSCORE", past, "-inf", "(" .. exact(now_ms - RULES.reportable_ms))
  call("ZREMRANGEBYRANK", past, 0, -RULES.past_matches - 1)
end

local function be_idle(session_id)
  call("HSET", k_session(session_id), "state", "idle")
  call("HDEL", k_session(session_id), "match", "role", "ticket", "interests", "since", "widen_at", "round", "order", "widened", "queued",
    "told_count", "told_widened", "told_recent")
end

local function tell_end(session_id, match_id, reason, queued_again, now_ms)
  tell(session_id, '{"type":"match_ended","matchId":' .. quoted(match_id) .. ',"reason":"' .. reason .. '","queuedAgain":'
    .. tostring(queued_again) .. "}", 64, now_ms)
end

-- Ends a match. Returns how to put the partner back into the queue, if it belongs there.
local function part(match_id, cause, causer, now_ms)
  local ending = RULES.endings[cause]
  local other = other_role(causer)
  local match = fields(k_match(match_id), causer .. "_id", other .. "_id", other .. "_ticket", other .. "_interests", other .. "_since",
    other .. "_widen_at", other .. "_round")
  local own, partner = match[causer .. "_id"], match[other .. "_id"]
  call("HINCRBY", k_count, "matches", -1)
  unschedule("match:" .. match_id)
  call("DEL", k_match(match_id))
  avoid_each_other(own, partner, now_ms + ending.avoid_ms, now_ms)
  remember(own, match_id, partner, now_ms)
  remember(partner, match_id, own, now_ms)
  if cause == "reported" then call("SADD", k_reported(own), match_id) end
  be_idle(own)
  be_idle(partner)
  local ticket = {
    ticket = match[other .. "_ticket"], interests = match[other .. "_interests"], since = match[other .. "_since"],
    widen_at = match[other .. "_widen_at"],
  }
  local in_old_place = ending.partner_queues == "in_old_place"
  local queued_again = in_old_place or cjson.decode(ticket.ticket).rematch
  tell_end(own, match_id, ending.own, false, now_ms)
  tell_end(partner, match_id, ending.partner, queued_again, now_ms)
  if not queued_again then return function() end end
  if not in_old_place then
    ticket.widen_at = exact(now_ms + tonumber(ticket.widen_at) - tonumber(ticket.since))
    ticket.since = exact(now_ms)
  end
  return function() enqueue(partner, ticket, tonumber(match[other .. "_round"]), "", 0, now_ms) end
end

local function close(session_id, reason, now_ms)
  local session = fields(k_session(session_id), "state", "match", "role", "node")
  if session.state == "waiting" then set_aside(waiter_of(session_id)) end
  if session.state == "matched" then part(session.match, reason == "banned" and "banned" or "lost", session.role, now_ms)() end
  unschedule("session:" .. session_id)
  call("SET", k_closed(session_id), reason, "PX", RULES.closed_ms)
  notify(session_id, "changed")
  call("SREM", k_attached(session.node), session_id)
  call("DEL", k_session(session_id), k_mail(session_id), k_avoided(session_id), k_past(session_id), k_reported(session_id))
  call("HINCRBY", k_count, "sessions", -1)
end

-- ---------------------------------------------------------------- sessions

-- A match that a failover left without its other half is over; whoever is in it is told so and may queue again.
local function mend(session_id, now_ms)
  local session = fields(k_session(session_id), "state", "match")
  if session.state ~= "matched" or call("EXISTS", k_match(session.match)) == 1 then return end
  be_idle(session_id)
  tell_end(session_id, session.match, "partner_lost", false, now_ms)
end

-- The state as JSON.
local function snapshot(session_id)
  local session = fields(k_session(session_id), "state", "match", "role", "told_recent")
  if session.state == "idle" then return '{"state":"idle"}' end
  if session.state == "waiting" then
    local waiter = waiter_of(session_id)
    return '{"state":"waiting",' .. wait_json(waiter, wait_of(waiter, session.told_recent == "true")) .. "}"
  end
  local other = other_role(session.role)
  local match = fields(k_match(session.match), other .. "_id", session.role .. "_sequence", "shared", "relay", "start")
  local present = call("HGET", k_session(match[other .. "_id"]), "attached") == "1"
  return '{"state":"matched","matchId":' .. quoted(session.match) .. ',"role":"' .. session.role .. '","partnerPresent":' .. tostring(present)
    .. ',"clientSequence":' .. match[session.role .. "_sequence"] .. ',"sharedInterests":' .. match.shared
    .. ',"relayOnly":' .. match.relay .. ',"startMs":' .. match.start .. "}"
end

local function partner_of(session)
  return call("HGET", k_match(session.match), other_role(session.role) .. "_id")
end

-- The stream of a session broke: away until then.
local function go_away(session_id, away_until_ms, now_ms)
  local session = fields(k_session(session_id), "state", "match", "role", "node")
  call("HSET", k_session(session_id), "attached", "0")
  call("SREM", k_attached(session.node), session_id)
  schedule("session:" .. session_id, away_until_ms)
  if session.state == "waiting" then set_aside(waiter_of(session_id)) end
  if session.state ~= "matched" then return end
  local away = '{"type":"partner_away","matchId":' .. quoted(session.match) .. ',"deadlineMs":' .. exact(away_until_ms) .. "}"
  tell(partner_of(session), away, 64, now_ms)
end
