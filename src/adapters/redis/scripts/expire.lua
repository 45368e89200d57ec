-- Handles deadlines that have passed, and marks the sessions of dead nodes as away.
-- KEYS 1 realm
-- ARGV 1 now (ms), 2 max steps, 3 how long a session of a dead node may stay away (ms), 4 the node that checks the
--      leases of the others, or empty to check none
-- returns the next deadline (ms), or an empty string
-- uses repairing, closing, away, guest

local now_ms, limit, window_ms, checker = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]

-- `overdue` of `core/match.ts`: cause and initiator; nil when the match continues, or if there is none.
local function overdue(match_id)
  local match = match_of(match_id)
  if not match.start or match.answered then return nil end
  if match.offerer_offered then return "unanswered", "answerer" end
  return "unresponsive", "offerer"
end

local function carry_out(item)
  local kind, id = string.match(item, "^(%a+):(.+)$")
  if kind == "session" then return close(id, "expired", now_ms) end
  local cause, initiator = overdue(id)
  if cause then part(id, cause, initiator, now_ms)() end
end

-- Marks sessions of a node as away. Its lease has expired, so its streams count as gone even if it still runs.
local function reap(node, steps)
  for _, session_id in ipairs(call("SRANDMEMBER", k_attached(node), steps)) do
    local session = session_of(session_id)
    if session.attached and session.node == node then
      activity_of(session_id, now_ms)
      put(session, "reaped", true)
      go_away(session_id, now_ms + window_ms, now_ms)
      miss(session_id)
    end
    call("SREM", k_attached(node), session_id)
    steps = steps - 1
  end
  if call("SCARD", k_attached(node)) == 0 then
    call("ZREM", k_nodes, node)
    call("HDEL", k_bus, node)
  end
  return steps
end

-- Nodes whose lease has expired by Redis' time. If the checker's own lease has expired too, the others' say nothing:
-- Redis was unreachable, or its clock was set.
local function dead_nodes()
  if checker == "" then return {} end
  local lease, at_ms = call("ZSCORE", k_nodes, checker), time_ms()
  if not lease or tonumber(lease) <= at_ms then return {} end
  return call("ZRANGEBYSCORE", k_nodes, "-inf", exact(at_ms))
end

for _, node in ipairs(dead_nodes()) do
  if limit > 0 then limit = reap(node, limit) end
end

-- The first item of a list and its deadline (ms); nothing when the list is empty.
local function first_of(list)
  local first = call("ZRANGE", list, 0, 0, "WITHSCORES")
  if first[2] then return first[1], math.floor(tonumber(first[2])) end
end

-- Removes and returns the first item of a list if it is due.
local function take(list)
  local item, due = first_of(list)
  if not item or due > now_ms or limit <= 0 then return nil end
  call("ZREM", list, item)
  limit = limit - 1
  return item
end

-- Searches that continue share a number of places in each span of time, of which a step uses a part.
local span = math.floor(now_ms / RULES.search_pause_ms)
local count = counts()
local before = count.places_span == span and count.places or 0
local of_span = RULES.step_places - before
local of_step = math.min(of_span, RULES.places_at_once)
step.places_left = of_step
local function left_of_span() return of_span - of_step + step.places_left end

local item = take(k_deadlines)
while item do
  carry_out(item)
  item = take(k_deadlines)
end

-- Revisits the waiters of a list until a share of the span's places is used up.
local function go_through(list, share)
  step.is_brief = list == k_looks
  while step.places_left > 0 and left_of_span() > RULES.step_places * (1 - share) do
    local session_id = take(list)
    if not session_id then return end
    revisit(session_id, now_ms)
  end
end

go_through(k_looks, RULES.planned_share)
go_through(k_rests, 1)
go_through(k_looks, 1)
local passed = RULES.step_places - left_of_span()
if passed > before then
  put(count, "places_span", span)
  put(count, "places", passed)
end

local _, deadline = first_of(k_deadlines)
local _, planned = first_of(k_looks)
local _, resting = first_of(k_rests)
local look = (planned or resting) and math.min(planned or math.huge, resting or math.huge)
if look and left_of_span() <= 0 then look = math.max(look, (span + 1) * RULES.search_pause_ms) end
if not deadline and not look then return "" end
return exact(math.min(deadline or math.huge, look or math.huge))
