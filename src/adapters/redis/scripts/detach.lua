-- Marks a session as away when the stream of its latest generation broke; one that is away already, only if it ends
-- sooner then. A session that never received an event has never sent a command, and is closed.
-- KEYS 1 realm
-- ARGV 1 session id, 2 generation, 3 away until (ms), 4 now (ms)
-- uses repairing, away, closing

local session_id, generation, away_until_ms, now_ms = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local session = session_of(session_id)

if session.generation ~= generation then return end
if not session.attached then
  if away_until_ms >= deadline_of("session:" .. session_id) then return end
elseif session.state == "idle" and session.sequence == 0 then
  return close(session_id, "expired", now_ms)
end
activity_of(session_id, now_ms)
go_away(session_id, away_until_ms, now_ms)
