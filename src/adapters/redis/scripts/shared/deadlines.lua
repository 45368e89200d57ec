-- What is due, and when.

local k_deadlines = base .. ":deadlines"

-- Sets a deadline. Equal deadlines keep the order in which they were set.
local function schedule(item, due_ms)
  local order = call("HINCRBY", k_count, "deadline_order", 1) % 4096
  call("ZADD", k_deadlines, exact(due_ms + order / 4096), item)
end

local function unschedule(item) call("ZREM", k_deadlines, item) end

-- When an item is due (ms); 0 if it has no deadline.
local function deadline_of(item) return math.floor(tonumber(call("ZSCORE", k_deadlines, item) or 0)) end

-- Waiting sessions by the time of their next look, and those whose search rests by the time when it continues.
local k_looks = base .. ":looks"
local k_rests = base .. ":rests"

local function look_at(list, session_id, due_ms)
  local order = call("HINCRBY", k_count, "deadline_order", 1) % 4096
  call("ZADD", list, exact(due_ms + order / 4096), session_id)
end

local function look_no_more(session_id)
  call("ZREM", k_looks, session_id)
  call("ZREM", k_rests, session_id)
end
