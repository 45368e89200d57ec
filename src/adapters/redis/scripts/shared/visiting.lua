-- What a guest does in a realm. A guest has further fields: `visit`, its match; `other`, the place of the match's other
-- half (JSON), if it was received; and `party` and `profile` like other sessions.
-- uses repairing, closing, pairing, guest, bans

-- Whether a ban of this realm is in force for a network or a person in an address.
local function is_banned(address, now_ms)
  for key in string.gmatch(address, "[^.]+") do
    if is_in_force(latest_ban(key), now_ms) then return true end
  end
  return false
end

-- A guest from the first arguments of a verb. It never waits.
local function guest_from(arguments)
  return {
    id = arguments[1], epoch = arguments[2], address = arguments[4], party = arguments[5] ~= "" and arguments[5] or nil,
    profile = arguments[6], ticket = cjson.decode(arguments[8]), queued = false, look = "",
  }
end

-- Opens a guest that is in no match yet, on a node.
local function open_guest(guest, node, now_ms)
  create(session_of(guest.id), {
    epoch = guest.epoch, generation = 1, attached = true, node = node, state = "idle", sequence = 0, bytes = 0,
    made = 0, received = 0, opened = "", visit = guest.visit, other = guest.other, party = guest.party,
  })
  if guest.party then call("SET", k_profile(guest.id), guest.profile) end
  hold_ticket(guest.id, cmsgpack.pack(guest.ticket))
  move_to(guest.id, nil, guest.address)
  attach_to(node, guest.id)
  add(counts(), "sessions", 1)
  log_opened(guest.id, guest.party or "", now_ms)
end

-- Closes a guest; its match, if it runs, ends as `cause` says.
local function close_guest(guest_id, cause, initiator, now_ms)
  local activity = activity_of(guest_id, now_ms)
  if activity.state == "matched" then part(activity.match, cause, initiator or activity.role, now_ms)() end
  close(guest_id, "removed", now_ms)
end

-- Stores whom the person of a guest has blocked.
local function keep_blocked(party, blocked)
  for other in string.gmatch(blocked, "%S+") do call("SADD", k_blocked(party), other) end
end

local function forget_blocked(party)
  if is_person(party) and call("EXISTS", k_address(party)) == 0 then call("DEL", k_blocked(party)) end
end

-- A person as another realm gets it: { session id, address, profile (JSON, or empty),
-- blocked people, ticket (JSON), round, since (ms), soft since (ms) }
local function traveller(waiter)
  local blocked = is_person(waiter.party) and call("SMEMBERS", k_blocked(waiter.party)) or {}
  return {
    waiter.id, session_of(waiter.id).address, profile_of(waiter), table.concat(blocked, " "),
    cjson.encode(ticket_of(waiter)), exact(waiter.round), exact(waiter.since), exact(waiter.soft_since),
  }
end

-- { role, generation, epoch, sequence before the first event in the mailbox }
local function stay_of(guest_id)
  local guest = session_of(guest_id)
  local before = guest.sequence - call("LLEN", k_mail(guest_id))
  return { guest.role, guest.generation, epoch_of(guest_id), before }
end
