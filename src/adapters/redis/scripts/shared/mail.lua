-- Mailboxes: one list per session. Its last event has the session's sequence, the one before it the sequence before,
-- and so on. Its size is kept in the session.
-- uses bus, epoch

local function k_mail(id) return base .. ":mail:" .. id end

-- An event in a mailbox: when it was appended (ms), its bytes, and the event (JSON).
local ENTRY = "^(%d+) (%d+) (.*)$"

local function event_in(entry)
  local _, _, event = string.match(entry, ENTRY)
  return event
end

-- Drops the oldest event; returns how many bytes it had, or nil when there is none.
local function drop_oldest(session_id)
  local oldest = call("LPOP", k_mail(session_id))
  if not oldest then return nil end
  local _, bytes = string.match(oldest, ENTRY)
  return tonumber(bytes)
end

local function beyond_own(bytes) return math.max(0, bytes - RULES.mailbox_own_bytes) end

-- Updates the pool of all mailboxes when the size of one changes: what exceeds its own share comes from the pool.
local function take_from_pool(before, held)
  local taken = beyond_own(held) - beyond_own(before)
  if taken ~= 0 then add(counts(), "mail", taken) end
end

-- Deletes a mailbox.
local function drop_mail(session_id)
  take_from_pool(session_of(session_id).bytes or 0, 0)
  call("DEL", k_mail(session_id))
end

-- Appends an event (JSON) to the mailbox of a session within its bounds, if there is such a session. A further field
-- that is long, unless it is empty, is joined to the event where it is stored and sent only: a copy of it costs more
-- than a command.
local function append(session_id, event, bytes, now_ms, field, long)
  local session = session_of(session_id)
  if not session.epoch then return end
  local tail = ""
  long = long or ""
  if long ~= "" then event, tail = string.sub(event, 1, -2) .. ',"' .. field .. '":', "}" end
  local before, held = session.bytes, session.bytes + bytes
  local entry = exact(now_ms) .. " " .. exact(bytes) .. " " .. event .. long .. tail
  local count = call("RPUSH", k_mail(session_id), entry)
  local function drop()
    held, count = held - (drop_oldest(session_id) or held), count - 1
  end
  while held > RULES.mailbox_bytes or count > RULES.mailbox_events do drop() end
  if held > RULES.mailbox_own_bytes then
    local most = RULES.mail_pool_bytes - (counts().mail or 0) + beyond_own(before)
    while beyond_own(held) > math.max(0, most) do drop() end
  end
  take_from_pool(before, held)
  local name = incarnation().name
  if session.incarnation ~= name then
    put(session, "incarnation", name)
    put(session, "incarnation_start", session.sequence)
  end
  add(session, "sequence", 1)
  put(session, "bytes", held)
  local epoch = in_incarnation(session.epoch)
  notify(session.node, session_id .. " event " .. epoch .. " " .. exact(session.sequence) .. " " .. event, long, tail)
end
