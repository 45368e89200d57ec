-- Appends signals to the partner's mailbox, if the match is the sender's and the sequence is next.
-- KEYS 1 realm
-- ARGV 1 session id, 2 match id, 3 client sequence, 4 signals (JSON), 5 bytes of the event, 6 now (ms)
-- returns { "unknown" | "over" | "repeated" | "gap" | "relayed", expected sequence }

local session_id, match_id, client_sequence, signals, bytes, now_ms =
  ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5], tonumber(ARGV[6])
local session = fields(k_session(session_id), "state", "match", "role")

if not session.state then return { "unknown" } end
if session.state ~= "matched" or session.match ~= match_id then return { "over" } end
local role, other = session.role, other_role(session.role)
local match = fields(k_match(match_id), role .. "_sequence", other .. "_id", other .. "_heard", "relay")
if not match.relay then
  mend(session_id, now_ms)
  return { "over" }
end
local expected = tonumber(match[role .. "_sequence"]) + 1
if client_sequence < expected then return { "repeated" } end
if client_sequence > expected then return { "gap", expected } end

call("HSET", k_match(match_id), role .. "_sequence", client_sequence, role .. "_heard", "1")
if match[other .. "_heard"] == "1" then unschedule("match:" .. match_id) end
local event = '{"type":"signaled","matchId":' .. quoted(match_id) .. ',"relayOnly":' .. match.relay .. ',"signals":' .. signals .. "}"
tell(match[other .. "_id"], event, bytes, now_ms)
return { "relayed" }
