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

-- `cross` of `core/pools.ts`: one pool for each combination of marks.
local function cross(marks)
  local keys = { "" }
  for _, some in ipairs(marks) do
    local longer = {}
    for _, key in ipairs(keys) do
      for _, mark in ipairs(some) do
        longer[#longer + 1] = key .. ((key == "" or mark == "") and "" or "|") .. mark
      end
    end
    keys = longer
  end
  for index, key in ipairs(keys) do
    if key == "" then keys[index] = "*" end
  end
  return keys
end

-- The pools that a waiter stands in; those of its stage, which counts the soft filters that gave way.
local function stands_in(waiter) return cross(ticket_of(waiter).wait[waiter.stage + 1]) end

-- Moves a waiter to the stage that it has reached: the filters that gave way (JSON, or empty), and when the next does.
local function set_stage(waiter, now_ms)
  local after, gone = ticket_of(waiter).givesWayAfterMs, {}
  while after[#gone + 1] and tonumber(waiter.soft_since) + after[#gone + 1] <= now_ms do
    gone[#gone + 1] = ticket_of(waiter).givesWay[#gone + 1]
  end
  local next_after = after[#gone + 1]
  waiter.stage, waiter.gave_way = #gone, #gone > 0 and cjson.encode(gone) or ""
  waiter.gives_way_at = next_after and exact(tonumber(waiter.soft_since) + next_after) or ""
end

-- `sent` is what the session was sent last: the number of waiting sessions, of filters that gave way, whether only
-- recent partners fit, and how many. `recent` is the time at which the first of them may be paired again, and their
-- number.
local WAITER = {
  "ticket", "shared", "since", "soft_since", "round", "score", "stage", "gave_way", "gives_way_at", "queued", "sent",
  "search", "recent", "search_at",
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
    "ticket", waiter.ticket, "shared", waiter.shared, "since", waiter.since, "soft_since", waiter.soft_since,
    "round", waiter.round, "score", waiter.score, "stage", waiter.stage, "gave_way", waiter.gave_way,
    "gives_way_at", waiter.gives_way_at, "queued", waiter.queued, "sent", "",
    "search", waiter.search, "recent", waiter.recent, "search_at", waiter.search_at
  )
  waiter.kept = true
end

-- Deletes a stored wait.
local function forget_wait(session_id) call("HDEL", k_session(session_id), unpack(WAITER)) end

-- Its place in the pools, the lowest first: `rankMs` of `core/ticket.ts`. Equal ranks keep the order of arrival.
local function set_score(waiter)
  local order = call("HINCRBY", k_count, "order", 1) % 4096
  waiter.score = exact(tonumber(waiter.since) - ticket_of(waiter).headStartMs + order / 4096)
end

local function stand(waiter)
  if waiter.queued == "1" then return end
  for _, key in ipairs(stands_in(waiter)) do call("ZADD", k_pool(key), waiter.score, waiter.id) end
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
  for _, key in ipairs(stands_in(waiter)) do call("ZREM", k_pool(key), waiter.id) end
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
    gave_way = waiter.gave_way,
    recent = only_recent,
    fitting = string.match(waiter.recent, " (%d+)$"),
  }
end

-- Completes the template of an event or a snapshot.
local function wait_json(template, waiter, wait)
  local widened = string.find(wait.gave_way, '"interests"', 1, true) ~= nil
  local json = string.format(template, waiter.since, wait.count, tostring(widened), tostring(wait.recent))
  if wait.gave_way ~= "" then json = with_field(json, "gaveWay", wait.gave_way) end
  if wait.fitting then json = with_field(json, "fittingCount", wait.fitting) end
  if not wait.average then return json end
  return with_field(json, "estimatedWaitMs", wait.average)
end

local function append_waiting(waiter, wait, now_ms)
  append(waiter.id, wait_json(RULES.event_waiting, waiter, wait), 64, now_ms)
end

-- Appends an event when the wait differs noticeably from what the session was sent last.
local function append_wait_change(waiter, only_recent, now_ms)
  local wait = wait_of(waiter, only_recent)
  local count, rest = string.match(waiter.sent or "", "^(%d+)( .*)$")
  local sent = tonumber(count)
  local now_sent = " " .. waiter.stage .. " " .. tostring(wait.recent) .. " " .. (wait.fitting or 0)
  if sent and math.abs(wait.count - sent) <= sent / 20 and rest == now_sent then return end
  call("HSET", k_session(waiter.id), "sent", wait.count .. now_sent)
  append_waiting(waiter, wait, now_ms)
end
