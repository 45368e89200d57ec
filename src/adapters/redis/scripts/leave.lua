-- Ends the wait or the match of a session, which is idle then.
-- KEYS 1 realm
-- ARGV 1 session id, 2 now (ms)
-- returns "unknown" or "idle"
-- uses repairing, parting

local session_id, now_ms = ARGV[1], tonumber(ARGV[2])

local activity = activity_of(session_id, now_ms)
if not activity.state then return "unknown" end
if activity.state == "matched" then part(activity.match, "left", activity.role, now_ms)() end
if activity.state == "waiting" then
  withdraw(waiter_of(session_id))
  forget_wait(session_id)
  set_idle(session_id)
end
return "idle"
