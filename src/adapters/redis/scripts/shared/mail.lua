-- Mailboxes: one Redis stream per session, whose entry IDs are the sequence. Its size is kept in the session.
-- uses bus, epoch

local function k_mail(id) return base .. ":mail:" .. id end

-- Drops the oldest event; returns how many bytes it had, or nil when there is none.
local function drop_oldest(session_id)
  local oldest = call("XRANGE", k_mail(session_id), "-", "+", "COUNT", 1)[1]
  if not oldest then return nil end
  call("XDEL", k_mail(session_id), oldest[1])
  return tonumber(oldest[2][4])
end

local function beyond_own(bytes) return math.max(0, bytes - RULES.mailbox_own_bytes) end

-- Updates the pool of all mailboxes when the size of one changes: what exceeds its own share comes from the pool.
local function take_from_pool(before, held)
  local taken = beyond_own(held) - beyond_own(before)
  if taken ~= 0 then call("HINCRBY", k_count, "mail", exact(taken)) end
end

-- Deletes a mailbox.
local function drop_mail(session_id)
  take_from_pool(tonumber(call("HGET", k_session(session_id), "bytes") or 0), 0)
  call("DEL", k_mail(session_id))
end

-- A mailbox before an event is appended, or nil if there is no session.
local function mailbox_of(session_id)
  local values = call("HMGET", k_session(session_id), "sequence", "bytes", "epoch", "node", "incarnation")
  local sequence, bytes, epoch, node, begun_in = unpack(values)
  if not sequence then return nil end
  return {
    id = session_id, sequence = tonumber(sequence), bytes = tonumber(bytes), epoch = epoch, node = node,
    begun_in = begun_in,
  }
end

-- Appends an event (JSON) to a mailbox that was read in this step, within its bounds.
local function append_to(mailbox, event, bytes, now_ms)
  local mail, sequence, held = k_mail(mailbox.id), mailbox.sequence + 1, mailbox.bytes + bytes
  call("XADD", mail, sequence .. "-0", "event", event, "bytes", bytes, "at", exact(now_ms))
  while held > RULES.mailbox_bytes or call("XLEN", mail) > RULES.mailbox_events do
    held = held - (drop_oldest(mailbox.id) or held)
  end
  if held > RULES.mailbox_own_bytes then
    local most = RULES.mail_pool_bytes - tonumber(call("HGET", k_count, "mail") or 0) + beyond_own(mailbox.bytes)
    while beyond_own(held) > math.max(0, most) do held = held - (drop_oldest(mailbox.id) or held) end
  end
  take_from_pool(mailbox.bytes, held)
  call("HSET", k_session(mailbox.id), "sequence", sequence, "bytes", held)
  local name = incarnation().name
  if mailbox.begun_in ~= name then
    call("HSET", k_session(mailbox.id), "incarnation", name, "incarnation_start", mailbox.sequence)
  end
  notify(mailbox.node, mailbox.id, "event " .. in_incarnation(mailbox.epoch) .. " " .. sequence .. " " .. event)
end

-- Appends an event (JSON) to the mailbox of a session, if there is one.
local function append(session_id, event, bytes, now_ms)
  local mailbox = mailbox_of(session_id)
  if mailbox then append_to(mailbox, event, bytes, now_ms) end
end
