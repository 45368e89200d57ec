-- Waiting sessions, the pools that they stand in, and the events about their wait.
-- uses idling, deadlines, encoding

local function k_pool(key) return base .. ":pool:" .. key end

-- Every session that stands in a pool, by the start of its wait.
local k_waits = base .. ":waits"

local function k_wait(id) return base .. ":wait:" .. id end

-- Decoding a ticket with many pools costs as much as searching them.
local function ticket_of(waiter)
  waiter.ticket = waiter.ticket or cmsgpack.unpack(call("GET", k_ticket(waiter.id)))
  return waiter.ticket
end

local function hold_ticket(session_id, ticket) call("SET", k_ticket(session_id), ticket) end

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
  while after[#gone + 1] and waiter.soft_since + after[#gone + 1] <= now_ms do
    gone[#gone + 1] = ticket_of(waiter).givesWay[#gone + 1]
  end
  local next_after = after[#gone + 1]
  waiter.stage, waiter.gave_way = #gone, #gone > 0 and cjson.encode(gone) or ""
  waiter.gives_way_at = next_after and waiter.soft_since + next_after or false
end

-- A wait as it is stored. Times are in milliseconds. `look` is the list in which it is looked after, or empty. `sent`
-- is what the session was sent last: the number of waiting sessions, of filters that gave way, whether only recent
-- partners fit, and how many. `recent` is the time at which the first of them may be paired again, and their number.
local function load_wait(session_id)
  local stored = call("GET", k_wait(session_id))
  local waiter = stored and unpacked.wait(session_id, nil, cmsgpack.unpack(stored)) or { id = session_id }
  waiter.kept = stored ~= false
  return waiter
end

-- A stored wait with the party of its session, or one without a score if there is none. Changes to it are stored at the
-- end of the step, if it is marked as changed and not over by then.
local function waiter_of(session_id)
  local waiter = step.waiters[session_id]
  if waiter then return waiter end
  waiter = load_wait(session_id)
  waiter.party = session_of(session_id).party
  step.waiters[session_id] = waiter
  return waiter
end

-- Stores a wait that begins, at the end of the step.
local function keep(waiter)
  local session = session_of(waiter.id)
  put(session, "state", "waiting")
  put(session, "match", nil)
  put(session, "role", nil)
  waiter.kept, waiter.changed = true, true
  step.waiters[waiter.id] = waiter
end

at_end[#at_end + 1] = function()
  for id, waiter in pairs(step.waiters) do
    if waiter.changed then call("SET", k_wait(id), packed.wait(waiter)) end
  end
end

-- Deletes a stored wait. Its ticket stays.
local function forget_wait(waiter)
  if not waiter.kept then return end
  call("DEL", k_wait(waiter.id))
  step.waiters[waiter.id] = nil
end

-- Its place in the pools, the lowest first: `rankMs` of `core/ticket.ts`. Equal ranks keep the order of arrival.
local function set_score(waiter) waiter.score = waiter.since - ticket_of(waiter).headStartMs + next_part() end

local function look_at(waiter, list, due_ms)
  if waiter.look ~= "" and waiter.look ~= list then call("ZREM", waiter.look, waiter.id) end
  call("ZADD", list, exact(due_ms + next_part()), waiter.id)
  waiter.look, waiter.changed = list, true
end

local function stand(waiter)
  if waiter.queued then return end
  local score = exact(waiter.score)
  for _, key in ipairs(stands_in(waiter)) do call("ZADD", k_pool(key), score, waiter.id) end
  call("ZADD", k_waits, exact(waiter.since), waiter.id)
  add(counts(), "waiting", 1)
  waiter.queued = true
  if waiter.kept then waiter.changed = true else keep(waiter) end
end

-- Takes a waiter out of the pools and the lists of looks; its stored wait stays.
local function withdraw(waiter)
  if not waiter.kept then return end
  waiter.changed = true
  if waiter.look ~= "" then call("ZREM", waiter.look, waiter.id) end
  waiter.look = ""
  if not waiter.queued then return end
  for _, key in ipairs(stands_in(waiter)) do call("ZREM", k_pool(key), waiter.id) end
  call("ZREM", k_waits, waiter.id)
  add(counts(), "waiting", -1)
  waiter.queued = false
end

-- Ends the wait of a session.
local function leave_queue(session_id)
  local waiter = waiter_of(session_id)
  withdraw(waiter)
  forget_wait(waiter)
  call("DEL", k_ticket(session_id))
  set_idle(session_id)
end

local function wait_of(waiter, only_recent)
  local count = counts()
  return {
    count = count.waiting or 0,
    average = count.average_wait and exact(count.average_wait),
    gave_way = waiter.gave_way,
    recent = only_recent,
    fitting = string.match(waiter.recent, " (%d+)$"),
  }
end

-- Completes the template of an event or a snapshot.
local function wait_json(template, waiter, wait)
  local widened = string.find(wait.gave_way, '"interests"', 1, true) ~= nil
  local json = string.format(template, exact(waiter.since), wait.count, tostring(widened), tostring(wait.recent))
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
  local count, rest = string.match(waiter.sent, "^(%d+)( .*)$")
  local sent = tonumber(count)
  local now_sent = " " .. waiter.stage .. " " .. tostring(wait.recent) .. " " .. (wait.fitting or 0)
  if sent and math.abs(wait.count - sent) <= sent / 20 and rest == now_sent then return end
  waiter.sent, waiter.changed = wait.count .. now_sent, true
  append_waiting(waiter, wait, now_ms)
end
