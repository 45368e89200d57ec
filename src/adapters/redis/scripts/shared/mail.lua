-- Mailboxes: a stream per session, in which the id of an entry is the sequence. How much one holds stands in the session.
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

-- A mailbox that held so many bytes holds others: what is beyond its own is out of the pool of all.
local function take_from_pool(before, held)
  local taken = beyond_own(held) - beyond_own(before)
  if taken ~= 0 then call("HINCRBY", k_count, "mail", exact(taken)) end
end

-- Lets go of a mailbox.
local function drop_mail(session_id)
  take_from_pool(tonumber(call("HGET", k_session(session_id), "bytes") or 0), 0)
  call("DEL", k_mail(session_id))
end

-- A mailbox as it stands before something is appended, or nil without the session.
local function mailbox_of(session_id)
  local sequence, bytes, epoch, node, named = unpack(call("HMGET", k_session(session_id), "sequence", "bytes", "epoch", "node", "era"))
  if not sequence then return nil end
  return { id = session_id, sequence = tonumber(sequence), bytes = tonumber(bytes), epoch = epoch, node = node, era = named }
end

-- Appends an event (JSON) to a mailbox that was just looked at, within its bounds.
local function append(mailbox, event, bytes, now_ms)
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
  if mailbox.era ~= era().name then call("HSET", k_session(mailbox.id), "era", era().name, "era_start", mailbox.sequence) end
  notify(mailbox.node, mailbox.id, "event " .. in_era(mailbox.epoch) .. " " .. sequence .. " " .. event)
end

local function tell(session_id, event, bytes, now_ms)
  local mailbox = mailbox_of(session_id)
  if mailbox then append(mailbox, event, bytes, now_ms) end
end
