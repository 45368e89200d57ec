-- Returns the events of a mailbox after a sequence, for the stream of a generation. A stream whose node was declared
-- dead has a gap too: it must be opened again.
-- KEYS 1 realm
-- ARGV 1 session id, 2 generation, 3 epoch, 4 sequence
-- returns { "closed", reason } | { "replaced" } | { "gap" } | { "events", first sequence, redactions (see redact_from),
--         event, event, … }
-- uses epoch, mail, closed

local session_id, generation, epoch, after = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local session = fields(k_session(session_id), "generation", "sequence", "reaped", "redacted")

if not session.generation then return { "closed", call("GET", k_closed(session_id)) or "expired" } end
if tonumber(session.generation) > generation then return { "replaced" } end
local newest = tonumber(session.sequence)
local is_newest = tonumber(session.generation) == generation -- lower: the store has lost the opening of the stream
local reaches = after <= newest and after >= newest - call("XLEN", k_mail(session_id))
if not is_newest or epoch_of(session_id) ~= epoch or session.reaped or not reaches then return { "gap" } end
local answer = { "events", after + 1, session.redacted or "" }
for _, entry in ipairs(call("XRANGE", k_mail(session_id), (after + 1) .. "-0", "+")) do
  answer[#answer + 1] = entry[2][2]
end
return answer
