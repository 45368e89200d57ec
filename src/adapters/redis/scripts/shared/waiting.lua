-- Sessions that wait, the pools in which they stand, and what they are told of it.
-- uses mail, agenda

local function k_pool(key) return base .. ":pool:" .. key end

-- Everyone who stands in a pool, by the time since when.
local k_waits = base .. ":waits"

-- To decode a ticket with many pools costs as much as to search them.
local function wish_of(waiter)
  waiter.wish = waiter.wish or cjson.decode(waiter.ticket)
  return waiter.wish
end

local function places_of(waiter)
  if waiter.widened == "1" then return wish_of(waiter).wide end
  return wish_of(waiter).narrow
end

local WAITER = { "ticket", "interests", "since", "widen_at", "round", "order", "widened", "queued", "told_count", "told_widened", "told_recent",
  "search", "recent_until", "search_at" }

-- A wait that was written down before; one that begins in this step is not `kept` yet.
local function waiter_of(session_id)
  local waiter = fields(k_session(session_id), unpack(WAITER))
  waiter.id, waiter.kept = session_id, true
  return waiter
end

-- Writes down a wait that begins.
local function keep(waiter)
  call("HSET", k_session(waiter.id), "state", "waiting", "match", "", "role", "", "ticket", waiter.ticket, "interests", waiter.interests,
    "since", waiter.since, "widen_at", waiter.widen_at, "round", waiter.round, "order", waiter.order, "widened", waiter.widened,
    "queued", waiter.queued, "told_count", "", "told_widened", "", "told_recent", "", "search", waiter.search,
    "recent_until", waiter.recent_until, "search_at", waiter.search_at)
  waiter.kept = true
end

-- Wipes out a wait that was written down.
local function forget_wait(session_id)
  call("HDEL", k_session(session_id), "ticket", "interests", "since", "widen_at", "round", "order", "widened", "queued",
    "told_count", "told_widened", "told_recent", "search", "recent_until", "search_at")
end

local function score_of(waiter) return tonumber(waiter.since) + (tonumber(waiter.order) % 4096) / 4096 end

local function stand(waiter)
  if waiter.queued == "1" then return end
  for _, key in ipairs(places_of(waiter).waitIn) do call("ZADD", k_pool(key), exact(score_of(waiter)), waiter.id) end
  call("ZADD", k_waits, waiter.since, waiter.id)
  call("HINCRBY", k_count, "waiting", 1)
  waiter.queued = "1"
  if waiter.kept then call("HSET", k_session(waiter.id), "queued", "1") else keep(waiter) end
end

-- Takes a waiter out of pools and agenda, all but the note of it in its session.
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
