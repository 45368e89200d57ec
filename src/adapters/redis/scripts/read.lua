-- Returns the events of a mailbox after a sequence, for the stream of a generation. A stream whose node was declared
-- dead has a gap too: it must be opened again.
-- KEYS 1 realm
-- ARGV 1 session id, 2 generation, 3 epoch, 4 sequence
-- returns { "closed", reason } | { "replaced" } | { "gap" } | { "events", first sequence, redactions (see redact_from),
--         event, event, … }
-- uses epoch, mail, closed

local session_id, generation, epoch, after = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local session = session_of(session_id)

if not session.epoch then return { "closed", call("GET", k_closed(session_id)) or "expired" } end
if session.generation > generation then return { "replaced" } end
local newest = session.sequence
local is_newest = session.generation == generation -- lower: the store has lost the opening of the stream
local count = newest - after
local reaches = count == 0 or count > 0 and count <= call("LLEN", k_mail(session_id))
if not is_newest or epoch_of(session_id) ~= epoch or session.reaped or not reaches then return { "gap" } end
local answer = { "events", after + 1, session.redacted or "" }
for _, entry in ipairs(count > 0 and call("LRANGE", k_mail(session_id), -count, -1) or {}) do
  answer[#answer + 1] = event_in(entry)
end
return answer
