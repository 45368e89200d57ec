-- Back to idle: the wait or the match ends.
-- KEYS 1 realm
-- ARGV 1 session id, 2 now (ms)
-- returns "unknown" or "idle"
-- uses mending, parting

local session_id, now_ms = ARGV[1], tonumber(ARGV[2])

local doing = doing_of(session_id, now_ms)
if not doing.state then return "unknown" end
if doing.state == "matched" then part(doing.match, "left", doing.role, now_ms)() end
if doing.state == "waiting" then
  withdraw(waiter_of(session_id))
  forget_wait(session_id)
  be_idle(session_id)
end
return "idle"
