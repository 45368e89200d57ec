-- Back to idle: the wait or the match ends.
-- KEYS 1 realm
-- ARGV 1 session id, 2 now (ms)
-- returns "unknown" or "idle"

local session_id, now_ms = ARGV[1], tonumber(ARGV[2])

if call("EXISTS", k_session(session_id)) == 0 then return "unknown" end
mend(session_id, now_ms)
local doing = fields(k_session(session_id), "state", "match", "role")
if doing.state == "matched" then part(doing.match, "left", doing.role, now_ms)() end
if doing.state == "waiting" then
  set_aside(waiter_of(session_id))
  be_idle(session_id)
end
return "idle"
