-- What is due, and when.

local k_agenda = base .. ":agenda"

-- Sets a date; ties are kept in the order in which they were set.
local function schedule(item, due_ms)
  local order = call("HINCRBY", k_count, "agenda", 1) % 4096
  call("ZADD", k_agenda, exact(due_ms + order / 4096), item)
end

local function unschedule(item) call("ZREM", k_agenda, item) end

-- Sessions that wait, by when they are looked at again; those whose search rests, by when it goes on.
local k_looks = base .. ":looks"
local k_rests = base .. ":rests"

local function look_at(list, session_id, due_ms)
  local order = call("HINCRBY", k_count, "agenda", 1) % 4096
  call("ZADD", list, exact(due_ms + order / 4096), session_id)
end

local function look_no_more(session_id)
  call("ZREM", k_looks, session_id)
  call("ZREM", k_rests, session_id)
end
