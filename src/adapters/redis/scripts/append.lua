-- Appends an event to the mailbox of a session; another event, or none, if the session is kept apart for good from the
-- partner that the event is about.
-- KEYS 1 realm
-- ARGV 1 session id, 2 event (JSON), 3 its bytes, 4 now (ms), 5 partner (or empty),
--      6 event when apart (JSON, or empty), 7 its bytes
-- returns "unknown", "appended" or "apart"
-- uses mail, encounters

local session_id, event, bytes, now_ms, partner, instead, instead_bytes =
  ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5], ARGV[6], ARGV[7]

if not session_of(session_id).epoch then return "unknown" end
local is_apart = partner ~= "" and are_apart(session_id, partner)
if is_apart then event, bytes = instead, instead_bytes end
if event ~= "" then append(session_id, event, bytes, now_ms) end
return is_apart and "apart" or "appended"
