-- Carries out what is due, and puts the sessions of dead nodes into "away".
-- KEYS 1 realm
-- ARGV 1 now (ms), 2 most steps, 3 how long a session of a dead node may stay away (ms), 4 the node that judges the others
--   by their leases; empty to judge none
-- returns when the next thing is due (ms), or an empty string
-- uses mending, closing, away

local now_ms, limit, window_ms, judge = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]

-- `unresponsiveRole` of `core/match.ts`; nil without the match.
local function unresponsive_role(match_id)
  local match = fields(k_match(match_id), "offerer_offered", "answered")
  if match.answered ~= "0" then return nil end
  return match.offerer_offered == "1" and "answerer" or "offerer"
end

local function carry_out(item)
  local kind, id = string.match(item, "^(%a+):(.+)$")
  if kind == "session" then return close(id, "expired", now_ms) end
  local role = unresponsive_role(id)
  if role then part(id, "unresponsive", role, now_ms)() end
end

-- A node whose lease ran out is dead: its streams are gone, whether it knows it or not.
local function reap(node, steps)
  for _, session_id in ipairs(call("SRANDMEMBER", k_attached(node), steps)) do
    local session = fields(k_session(session_id), "attached", "node")
    if session.attached == "1" and session.node == node then
      doing_of(session_id, now_ms)
      call("HSET", k_session(session_id), "reaped", "1")
      go_away(session_id, now_ms + window_ms, now_ms)
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

-- Leases are judged by Redis' time. When the judge's own has run out, too, that says nothing of the others: Redis was
-- away, or its clock was set.
local function dead_nodes()
  if judge == "" then return {} end
  local lease, at_ms = call("ZSCORE", k_nodes, judge), time_ms()
  if not lease or tonumber(lease) <= at_ms then return {} end
  return call("ZRANGEBYSCORE", k_nodes, "-inf", exact(at_ms))
end

for _, node in ipairs(dead_nodes()) do
  if limit > 0 then limit = reap(node, limit) end
end

-- The first of a list, and when it is due (ms); nothing when it is empty.
local function first_of(list)
  local first = call("ZRANGE", list, 0, 0, "WITHSCORES")
  if first[2] then return first[1], math.floor(tonumber(first[2])) end
end

-- Takes the first of a list if it is due.
local function take(list)
  local item, due = first_of(list)
  if not item or due > now_ms or limit <= 0 then return nil end
  call("ZREM", list, item)
  limit = limit - 1
  return item
end

-- Searches that go on share so many places in a span of time.
local span = math.floor(now_ms / RULES.search_pause_ms)
local count = fields(k_count, "places_span", "places")
local before = tonumber(count.places_span) == span and tonumber(count.places) or 0
places_left = RULES.step_places - before

local item = take(k_agenda)
while item do
  carry_out(item)
  item = take(k_agenda)
end
-- Looks at those of a list until that share of a span's places is used up.
local function go_through(list, share)
  is_brief = list == k_looks
  while places_left > RULES.step_places * (1 - share) do
    local session_id = take(list)
    if not session_id then return end
    revisit(session_id, now_ms)
  end
end

go_through(k_looks, RULES.planned_share)
go_through(k_rests, 1)
go_through(k_looks, 1)
local passed = RULES.step_places - places_left
if passed > before then call("HSET", k_count, "places_span", exact(span), "places", passed) end

local _, deadline = first_of(k_agenda)
local _, planned = first_of(k_looks)
local _, resting = first_of(k_rests)
local look = (planned or resting) and math.min(planned or math.huge, resting or math.huge)
if look and places_left <= 0 then look = math.max(look, (span + 1) * RULES.search_pause_ms) end
if not deadline and not look then return "" end
return exact(math.min(deadline or math.huge, look or math.huge))
