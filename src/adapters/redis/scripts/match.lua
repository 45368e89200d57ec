-- Looks for a partner, after leaving the named match if it is the current one.
-- KEYS 1 realm
-- ARGV 1 session id, 2 ticket (JSON), 3 what a partner may learn of it (JSON), 4 since (ms), 5 since when the time of
--      soft filters counts (ms), 6 offer (JSON, or empty), 7 bytes of the offer, 8 match to leave (or empty),
--      9 now (ms)
-- returns { "unknown" | "in_match" | "waiting" | "matched", match id }
-- uses repairing, parting

local session_id, now_ms = ARGV[1], tonumber(ARGV[9])
local ticket = { ticket = ARGV[2], shared = ARGV[3], since = ARGV[4], soft_since = ARGV[5] }
local offer, offer_bytes, leave = ARGV[6], tonumber(ARGV[7]), ARGV[8]

local activity = activity_of(session_id, now_ms)
if not activity.state then return { "unknown" } end
if activity.state == "matched" then
  if activity.match ~= leave then return { "in_match" } end
  local requeue_partner = part(activity.match, "skipped", activity.role, now_ms)
  enqueue(session_id, ticket, 0, offer, offer_bytes, now_ms)
  requeue_partner()
elseif activity.state == "idle" then
  enqueue(session_id, ticket, 0, offer, offer_bytes, now_ms)
else
  local waiter = waiter_of(session_id)
  local held, asked = cjson.decode(waiter.ticket), cjson.decode(ticket.ticket)
  if held.demand == asked.demand then return { "waiting" } end
  withdraw(waiter)
  forget_wait(session_id)
  -- The new criteria take the old place. It keeps the old ticket's id, so that no match id is used twice.
  local amended = {
    ticket = string.gsub(ticket.ticket, '^{"id":"[^"]*"', '{"id":"' .. held.id .. '"'),
    shared = ticket.shared,
    since = waiter.since,
    soft_since = held.soft == asked.soft and waiter.soft_since or ticket.soft_since,
  }
  enqueue(session_id, amended, tonumber(waiter.round), offer, offer_bytes, now_ms)
end

return call("HMGET", k_session(session_id), "state", "match")
