-- Returns events of the log after or before a number.
-- KEYS 1 realm
-- ARGV 1 "before" (the newest first) or "after" (the oldest first), 2 number, 3 limit
-- returns { number of the last event, number, event (JSON), when it happened (ms), number of the event before it, … }
-- uses events

local side, number, limit = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])

local function found()
  if limit == 0 then return {} end
  if side == "after" then return call("XRANGE", k_events, exact(number + 1) .. "-0", "+", "COUNT", limit) end
  return call("XREVRANGE", k_events, "(" .. exact(number) .. "-0", "-", "COUNT", limit)
end

local answer = { exact(counts().event or 0) }
for _, entry in ipairs(found()) do
  local values = entry[2]
  answer[#answer + 1] = string.match(entry[1], "^%d+")
  answer[#answer + 1] = values[2]
  answer[#answer + 1] = values[4]
  answer[#answer + 1] = values[6]
end
return answer
