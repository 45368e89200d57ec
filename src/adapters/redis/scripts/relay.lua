-- Appends signals to the partner's mailbox, if the match is the sender's and the sequence is the next one.
-- KEYS 1 realm
-- ARGV 1 session id, 2 match id, 3 client sequence, 4 signals (JSON), 5 bytes of the event, 6 now (ms),
--      7 1 with an offer among them, else 0, 8 1 with an answer, else 0, 9 the modes that do not allow them (only if
--      there are any)
-- returns { "unknown" | "over" | "orphaned" | "repeated" | "gap" | "refused" | "relayed", expected sequence, or the
--         sender's mode }
-- "orphaned": the session is in a match whose other half was lost, and must be repaired.
-- uses matches, deadlines, mail, encoding, guest

local session_id, match_id, client_sequence, signals, bytes, now_ms =
  ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5], tonumber(ARGV[6])
local has_offer, has_answer = ARGV[7] == "1", ARGV[8] == "1"
local match = fields(
  k_match(match_id), "offerer_id", "offerer_sequence", "offerer_offered",
  "answerer_id", "answerer_sequence", "answerer_offered", "answered", "relay"
)

local function why_not()
  local state, current = unpack(call("HMGET", k_session(session_id), "state", "match"))
  if not state then return "unknown" end
  return state == "matched" and current == match_id and "orphaned" or "over"
end

-- A session is in a match if and only if it is one of its sides, so the match alone is enough to check.
local role = match.offerer_id == session_id and "offerer" or match.answerer_id == session_id and "answerer"
if not role then return { why_not() } end
local other = other_role(role)
local expected = tonumber(match[role .. "_sequence"]) + 1
if client_sequence < expected then return { "repeated" } end
if client_sequence > expected then return { "gap", expected } end
if ARGV[9] then
  local mode = call("HGET", k_match(match_id), role .. "_mode")
  if mode and string.find(ARGV[9], mode, 1, true) then return { "refused", mode } end
end
local mailbox = mailbox_of(match[other .. "_id"])
if not mailbox then return { "over" } end

call("HSET", k_match(match_id), role .. "_sequence", client_sequence)
-- `recordDescriptions` of `core/match.ts`.
if has_offer then call("HSET", k_match(match_id), role .. "_offered", "1") end
if has_answer and match.answered == "0" and match[other .. "_offered"] == "1" then
  call("HSET", k_match(match_id), "answered", "1")
  unschedule("match:" .. match_id)
  for _, id in ipairs({ match.offerer_id, match.answerer_id }) do call("HDEL", k_session(id), "unanswered") end
end
local described = tostring(has_offer or has_answer)
local event = string.format(RULES.event_signaled, match_id, match.relay, described, signals)
if is_guest(mailbox.id) then
  local post = string.format(RULES.post, client_sequence, tostring(has_offer), tostring(has_answer))
  event = with_field(event, "post", post)
end
append_to(mailbox, event, bytes, now_ms)
return { "relayed" }
