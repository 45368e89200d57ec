-- What is due, and when.

local k_deadlines = base .. ":deadlines"

-- A part of a millisecond: of equal times, the later one gets the higher part.
local last_part = 0
local function next_part()
  last_part = (last_part + 1) % 4096
  return last_part / 4096
end

-- Sets a deadline. Equal deadlines keep the order in which they were set.
local function schedule(item, due_ms) call("ZADD", k_deadlines, exact(due_ms + next_part()), item) end

local function unschedule(item) call("ZREM", k_deadlines, item) end

-- When an item is due (ms); 0 if it has no deadline.
local function deadline_of(item) return math.floor(tonumber(call("ZSCORE", k_deadlines, item) or 0)) end

-- Waiting sessions by the time of their next look, and those whose search rests by the time when it continues.
local k_looks = base .. ":looks"
local k_rests = base .. ":rests"
