-- Ends a match with the reported one and keeps the two apart for good.
-- KEYS 1 realm
-- ARGV 1 session id, 2 match id, 3 now (ms)
-- returns { "unknown" | "over" | "exhausted" | "repeated" | "reported", partner id, partner's network, match began (ms),
--   1 if an offer was answered in it else 0, reporter's network }
-- uses mending, closing

local session_id, match_id, now_ms = ARGV[1], ARGV[2], tonumber(ARGV[3])

local function current_match(doing)
  local partner = partner_of(doing)
  return partner, call("HGET", k_session(partner), "address"), unpack(call("HMGET", k_match(match_id), "start", "answered"))
end

local doing = doing_of(session_id, now_ms)
if not doing.state then return { "unknown" } end
local is_current = doing.state == "matched" and doing.match == match_id
local partner, address, start, answered
if is_current then partner, address, start, answered = current_match(doing)
else partner, address, start, answered = past_match(session_id, match_id, now_ms) end
if not partner then return { "over" } end
local about = { partner, address, start, answered, call("HGET", k_session(session_id), "address") }
if not is_current and call("SISMEMBER", k_reported(session_id), match_id) == 1 then return { "repeated", unpack(about) } end
if tonumber(call("HGET", k_session(session_id), "made")) >= RULES.reported_partners then return { "exhausted" } end

local were_apart = are_apart(session_id, partner)
call("HINCRBY", k_session(session_id), "made", 1)
call("SADD", k_reported(session_id), match_id)
if doing.state == "matched" and partner_of(doing) == partner then part(doing.match, "reported", doing.role, now_ms)() end
avoid_each_other(session_id, partner, math.huge, now_ms)
if not were_apart and call("EXISTS", k_session(partner)) == 1 then
  local received = call("HINCRBY", k_session(partner), "received", 1)
  if received >= RULES.reported_partners then close(partner, "expired", now_ms) end
end
return { "reported", unpack(about) }
