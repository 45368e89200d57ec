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
local match = match_of(match_id)

local function why_not()
  local session = session_of(session_id)
  if not session.epoch then return "unknown" end
  return session.state == "matched" and session.match == match_id and "orphaned" or "over"
end

-- A session is in a match if and only if it is one of its sides, so the match alone is enough to check.
local role = match.offerer_id == session_id and "offerer" or match.answerer_id == session_id and "answerer"
if not role then return { why_not() } end
local own, partner = SIDE[role], SIDE[other_role(role)]
local partner_id, expected = match[partner.id], match[own.sequence] + 1
if client_sequence < expected then return { "repeated" } end
if client_sequence > expected then return { "gap", expected } end
local mode = ARGV[9] and match[own.mode]
if mode and string.find(ARGV[9], mode, 1, true) then return { "refused", mode } end
if not session_of(partner_id).epoch then return { "over" } end

put(match, own.sequence, client_sequence)
-- `recordDescriptions` of `core/match.ts`.
if has_offer then put(match, own.offered, true) end
if has_answer and not match.answered and match[partner.offered] then
  put(match, "answered", true)
  unschedule("match:" .. match_id)
  for _, id in ipairs({ match.offerer_id, match.answerer_id }) do put(session_of(id), "unanswered", nil) end
end
local described = tostring(has_offer or has_answer)
local event = string.format(RULES.event_signaled, match_id, match.relay, described)
if is_guest(partner_id) then
  local post = string.format(RULES.post, exact(client_sequence), tostring(has_offer), tostring(has_answer))
  event = with_field(event, "post", post)
end
append(partner_id, event, bytes, now_ms, "signals", signals)
return { "relayed" }
