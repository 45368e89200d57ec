-- uses pairing, idling, guest

-- A side of a match, with what it waits again with.
local function side_of(match, role)
  local names = SIDE[role]
  return {
    id = match[names.id], party = match[names.party], since = match[names.since],
    soft_since = match[names.soft_since], round = match[names.round], rematch = match[names.rematch],
  }
end

-- `isRequeued` of `core/match.ts`; counts the match.
local function is_requeued(side, sequel)
  if sequel == "if_rematch" then return side.rematch end
  if sequel ~= "unless_repeated" then return sequel == "in_old_place" end
  return add(session_of(side.id), "unanswered", 1) < RULES.unanswered_matches
end

-- Appends the end of a match to a side's mailbox, and renews its wait if it is a new one. Returns whether it waits.
local function end_for(side, match_id, reason, sequel, ending, now_ms)
  if is_guest(side.id) then
    append_match_ended(side.id, match_id, reason, false, now_ms, ending)
    call("DEL", k_ticket(side.id))
    return false
  end
  local requeued = session_of(side.id).epoch and is_requeued(side, sequel) or false
  append_match_ended(side.id, match_id, reason, requeued, now_ms)
  if requeued and sequel == "if_rematch" then side.since, side.soft_since = now_ms, now_ms end
  if not requeued then call("DEL", k_ticket(side.id)) end
  return requeued
end

-- Ends a match. Returns a function that puts those sides back into the queue that belong there.
local function part(match_id, cause, initiator, now_ms)
  local ending = RULES.endings[cause]
  local match = match_of(match_id)
  local own, partner = side_of(match, initiator), side_of(match, other_role(initiator))
  erase(match)
  unschedule("match:" .. match_id)
  add(counts(), "matches", -1)
  local is_offerer = initiator == "offerer"
  local by = cause == "dismissed" and "" or initiator
  log_ended(match, cause, by, is_offerer and own or partner, is_offerer and partner or own, now_ms)
  remember(own.id, match, partner.id, now_ms)
  remember(partner.id, match, own.id, now_ms)
  avoid_each_other(own.id, partner.id, now_ms + ending.avoid_ms, now_ms, own.party, partner.party)
  if cause == "reported" then call("SADD", k_reported(own.id), match_id) end
  set_idle(own.id)
  set_idle(partner.id)
  local queued, how = {}, string.format(RULES.ending, cause, initiator)
  if end_for(own, match_id, ending.own, ending.own_sequel, how, now_ms) then queued[1] = own end
  if end_for(partner, match_id, ending.partner, ending.partner_sequel, how, now_ms) then
    queued[#queued + 1] = partner
  end
  return function()
    for _, side in ipairs(queued) do enqueue(side.id, side, "", 0, now_ms) end
  end
end
