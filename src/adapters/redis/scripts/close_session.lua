-- Closes a session at the request of an operator.
-- KEYS 1 realm
-- ARGV 1 session id, 2 now (ms)
-- returns "closed" or "unknown"
-- uses repairing, closing

local session_id, now_ms = ARGV[1], tonumber(ARGV[2])

if not activity_of(session_id, now_ms).epoch then return "unknown" end
close(session_id, "removed", now_ms)
return "closed"
