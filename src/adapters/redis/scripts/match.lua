-- Looks for a partner, after leaving the named match if it is the current one.
-- KEYS 1 realm
-- ARGV 1 session id, 2 ticket (MessagePack), 3 since (ms), 4 since when the time of soft filters counts (ms), 5 offer
--      (JSON, or empty), 6 bytes of the offer, 7 match to leave (or empty), 8 now (ms)
-- returns { "unknown" | "in_match" | "waiting" | "matched", match id }
-- uses repairing, parting

local session_id, ticket, now_ms = ARGV[1], ARGV[2], tonumber(ARGV[8])
local wait = { ticket = cmsgpack.unpack(ticket), since = tonumber(ARGV[3]), soft_since = tonumber(ARGV[4]), round = 0 }
local offer, offer_bytes, leave = ARGV[5], tonumber(ARGV[6]), ARGV[7]

local session = activity_of(session_id, now_ms)
if not session.epoch then return { "unknown" } end
local requeue_partner
if session.state == "matched" then
  if session.match ~= leave then return { "in_match" } end
  requeue_partner = part(session.match, "skipped", session.role, now_ms)
elseif session.state == "waiting" then
  local waiter = waiter_of(session_id)
  local held = ticket_of(waiter)
  if held.demand == wait.ticket.demand then return { "waiting" } end
  withdraw(waiter)
  forget_wait(waiter)
  -- The new criteria take the old place. It keeps the old ticket's id, so that no match id is used twice.
  if held.soft == wait.ticket.soft then wait.soft_since = waiter.soft_since end
  wait.ticket.id, wait.since, wait.round = held.id, waiter.since, waiter.round
  ticket = cmsgpack.pack(wait.ticket)
end
hold_ticket(session_id, ticket)
enqueue(session_id, wait, offer, offer_bytes, now_ms)
if requeue_partner then requeue_partner() end

return { session.state, session.match }
