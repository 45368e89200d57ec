-- Carries out what is due, and puts the sessions of dead nodes into "away".
-- KEYS 1 realm
-- ARGV 1 now (ms), 2 most steps, 3 how long a session of a dead node may stay away (ms), 4 whether to judge nodes (1 or 0)
-- returns when the next thing is due (ms), or an empty string
-- uses mending, closing, away

local now_ms, limit, window_ms, judges = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4] == "1"

-- `silentRole` of `core/match.ts`; nil without the match.
local function silent_role(match_id)
  local match = fields(k_match(match_id), "offerer_offered", "answered")
  if match.answered ~= "0" then return nil end
  return match.offerer_offered == "1" and "answerer" or "offerer"
end

local function carry_out(item)
  local kind, id = string.match(item, "^(%a+):(.+)$")
  if kind == "session" then return close(id, "expired", now_ms) end
  if kind == "waiter" then return revisit(id, now_ms) end
  local silent = silent_role(id)
  if silent then part(id, "silent", silent, now_ms)() end
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

for _, node in ipairs(judges and call("ZRANGEBYSCORE", k_nodes, "-inf", exact(now_ms)) or {}) do
  if limit > 0 then limit = reap(node, limit) end
end
while true do
  local first = call("ZRANGE", k_agenda, 0, 0, "WITHSCORES")
  local due = first[2] and math.floor(tonumber(first[2]))
  if not due then return "" end
  if due > now_ms or limit <= 0 then return exact(due) end
  call("ZREM", k_agenda, first[1])
  carry_out(first[1])
  limit = limit - 1
end
