-- What is due, and when.

local k_agenda = base .. ":agenda"

-- Sets a date; ties are kept in the order in which they were set.
local function schedule(item, due_ms)
  local order = call("HINCRBY", k_count, "agenda", 1) % 4096
  call("ZADD", k_agenda, exact(due_ms + order / 4096), item)
end

local function unschedule(item) call("ZREM", k_agenda, item) end

-- Sessions that wait, by when they are looked at again.
local k_looks = base .. ":looks"

local function look_at(session_id, due_ms)
  local order = call("HINCRBY", k_count, "agenda", 1) % 4096
  call("ZADD", k_looks, exact(due_ms + order / 4096), session_id)
end
