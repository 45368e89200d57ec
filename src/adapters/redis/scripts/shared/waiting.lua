-- Waiting sessions, the pools that they stand in, and the events about their wait.
-- uses mail, deadlines, encoding

local function k_pool(key) return base .. ":pool:" .. key end

-- Every session that stands in a pool, by the start of its wait.
local k_waits = base .. ":waits"

-- Decoding a ticket with many pools costs as much as searching them.
local function ticket_of(waiter)
  waiter.decoded = waiter.decoded or cjson.decode(waiter.ticket)
  return waiter.decoded
end

local function places_of(waiter)
  if waiter.widened == "1" then return ticket_of(waiter).wide end
  return ticket_of(waiter).narrow
end

local WAITER = {
  "ticket", "interests", "since", "widen_at", "round", "order", "widened", "queued", "sent_count", "sent_widened",
  "sent_recent", "search", "recent_until", "search_at",
}

-- Who a session belongs to, a person or else a browser, and the profile of the person, if known. They outlive the wait.
local PARTY = { "party", "profile" }

local WAITER_AND_PARTY = { unpack(WAITER) }
for _, name in ipairs(PARTY) do WAITER_AND_PARTY[#WAITER_AND_PARTY + 1] = name end

-- A stored wait; one that begins in this step is not `kept` yet.
local function waiter_of(session_id)
  local waiter = fields(k_session(session_id), unpack(WAITER_AND_PARTY))
  waiter.id, waiter.kept = session_id, true
  return waiter
end

-- Stores a wait that begins.
local function keep(waiter)
  call(
    "HSET", k_session(waiter.id), "state", "waiting", "match", "", "role", "",
    "ticket", waiter.ticket, "interests", waiter.interests, "since", waiter.since, "widen_at", waiter.widen_at,
    "round", waiter.round, "order", waiter.order, "widened", waiter.widened, "queued", waiter.queued,
    "sent_count", "", "sent_widened", "", "sent_recent", "",
    "search", waiter.search, "recent_until", waiter.recent_until, "search_at", waiter.search_at
  )
  waiter.kept = true
end

-- Deletes a stored wait.
local function forget_wait(session_id) call("HDEL", k_session(session_id), unpack(WAITER)) end

local function score_of(waiter) return tonumber(waiter.since) + (tonumber(waiter.order) % 4096) / 4096 end

local function stand(waiter)
  if waiter.queued == "1" then return end
  for _, key in ipairs(places_of(waiter).waitIn) do call("ZADD", k_pool(key), exact(score_of(waiter)), waiter.id) end
  call("ZADD", k_waits, waiter.since, waiter.id)
  call("HINCRBY", k_count, "waiting", 1)
  waiter.queued = "1"
  if waiter.kept then call("HSET", k_session(waiter.id), "queued", "1") else keep(waiter) end
end

-- Takes a waiter out of the pools and the deadlines; its stored wait stays.
local function withdraw(waiter)
  if not waiter.kept then return end
  look_no_more(waiter.id)
  if waiter.queued ~= "1" then return end
  for _, key in ipairs(places_of(waiter).waitIn) do call("ZREM", k_pool(key), waiter.id) end
  call("ZREM", k_waits, waiter.id)
  call("HINCRBY", k_count, "waiting", -1)
  waiter.queued = "0"
end

-- Takes a waiter out of the pools without ending its wait.
local function set_aside(waiter)
  withdraw(waiter)
  call("HSET", k_session(waiter.id), "queued", "0")
end

local function wait_of(waiter, only_recent)
  local waiting, average = unpack(call("HMGET", k_count, "waiting", "average_wait"))
  return {
    count = tonumber(waiting or 0),
    average = average,
    widened = waiter.interests ~= "[]" and waiter.widened == "1",
    recent = only_recent,
  }
end

-- Completes the template of an event or a snapshot.
local function wait_json(template, waiter, wait)
  local recent = tostring(wait.recent)
  local json = string.format(template, waiter.since, wait.count, tostring(wait.widened), recent)
  if not wait.average then return json end
  return with_field(json, "estimatedWaitMs", wait.average)
end

local function append_waiting(waiter, wait, now_ms)
  append(waiter.id, wait_json(RULES.event_waiting, waiter, wait), 64, now_ms)
end

-- Appends an event when the wait differs noticeably from what the session was sent last.
local function append_wait_change(waiter, only_recent, now_ms)
  local wait = wait_of(waiter, only_recent)
  local sent = tonumber(waiter.sent_count or "")
  local has_changed = not sent or math.abs(wait.count - sent) > sent / 20
    or waiter.sent_widened ~= tostring(wait.widened) or waiter.sent_recent ~= tostring(wait.recent)
  if not has_changed then return end
  call(
    "HSET", k_session(waiter.id), "sent_count", wait.count, "sent_widened", tostring(wait.widened),
    "sent_recent", tostring(wait.recent)
  )
  append_waiting(waiter, wait, now_ms)
end
