-- Ends the wait or the match of a session, which is idle then.
-- KEYS 1 realm
-- ARGV 1 session id, 2 now (ms)
-- returns "unknown" or "idle"
-- uses repairing, parting

local session_id, now_ms = ARGV[1], tonumber(ARGV[2])

local session = activity_of(session_id, now_ms)
if not session.epoch then return "unknown" end
if session.state == "matched" then part(session.match, "left", session.role, now_ms)() end
if session.state == "waiting" then leave_queue(session_id) end
return "idle"
