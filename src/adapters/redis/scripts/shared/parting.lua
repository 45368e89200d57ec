-- uses pairing, idling, guest

-- The fields that a side of a match waits again with, if it may; else its ID and its party alone.
local function side_of(match_id, role, sequel)
  local names = { "id", "party", "ticket", "shared", "since", "soft_since", "round" }
  if sequel == "idle" then names = { "id", "party" } end
  local stored, side = {}, {}
  for index, name in ipairs(names) do stored[index] = role .. "_" .. name end
  for index, value in ipairs(call("HMGET", k_match(match_id), unpack(stored))) do side[names[index]] = value or nil end
  return side
end

-- `isRequeued` of `core/match.ts`; counts the match.
local function is_requeued(side, sequel)
  if sequel == "if_rematch" then return cjson.decode(side.ticket).rematch end
  if sequel ~= "unless_repeated" then return sequel == "in_old_place" end
  return call("HINCRBY", k_session(side.id), "unanswered", 1) < RULES.unanswered_matches
end

-- Appends the end of a match to a side's mailbox, and renews its wait if it is a new one. Returns whether it waits.
local function end_for(side, match_id, reason, sequel, ending, now_ms)
  if is_guest(side.id) then
    append_match_ended(side.id, match_id, reason, false, now_ms, ending)
    return false
  end
  local requeued = is_requeued(side, sequel)
  append_match_ended(side.id, match_id, reason, requeued, now_ms)
  if requeued and sequel == "if_rematch" then
    side.since, side.soft_since = exact(now_ms), exact(now_ms)
  end
  return requeued
end

-- Ends a match. Returns a function that puts those sides back into the queue that belong there.
local function part(match_id, cause, initiator, now_ms)
  local ending = RULES.endings[cause]
  local own = side_of(match_id, initiator, ending.own_sequel)
  local partner = side_of(match_id, other_role(initiator), ending.partner_sequel)
  local match = fields(k_match(match_id), "start", "answered", "relay")
  match.id = match_id
  call("HINCRBY", k_count, "matches", -1)
  unschedule("match:" .. match_id)
  call("DEL", k_match(match_id))
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
    for _, side in ipairs(queued) do enqueue(side.id, side, tonumber(side.round), "", 0, now_ms) end
  end
end
