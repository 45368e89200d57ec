-- uses pairing, idling

-- Ends a match. Returns a function that puts the partner back into the queue, if it belongs there.
local function part(match_id, cause, initiator, now_ms)
  local ending = RULES.endings[cause]
  local other = other_role(initiator)
  local match = fields(
    k_match(match_id), initiator .. "_id", other .. "_id", other .. "_ticket", other .. "_interests",
    other .. "_since", other .. "_widen_at", other .. "_round", "start", "answered"
  )
  match.id = match_id
  local own, partner = match[initiator .. "_id"], match[other .. "_id"]
  call("HINCRBY", k_count, "matches", -1)
  unschedule("match:" .. match_id)
  call("DEL", k_match(match_id))
  remember(own, match, partner, now_ms)
  remember(partner, match, own, now_ms)
  avoid_each_other(own, partner, now_ms + ending.avoid_ms, now_ms)
  if cause == "reported" then call("SADD", k_reported(own), match_id) end
  set_idle(own)
  set_idle(partner)
  local ticket = {
    ticket = match[other .. "_ticket"], interests = match[other .. "_interests"], since = match[other .. "_since"],
    widen_at = match[other .. "_widen_at"],
  }
  local in_old_place = ending.partner_queues == "in_old_place"
  local wish = cjson.decode(ticket.ticket)
  local requeued = in_old_place or wish.rematch
  append_match_ended(own, match_id, ending.own, false, now_ms)
  append_match_ended(partner, match_id, ending.partner, requeued, now_ms)
  if not requeued then return function() end end
  if not in_old_place then
    ticket.widen_at = exact(now_ms + wish.widenAfterMs)
    ticket.since = exact(now_ms)
  end
  return function() enqueue(partner, ticket, tonumber(match[other .. "_round"]), "", 0, now_ms) end
end
