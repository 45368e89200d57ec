-- Deletes the events that happened before a time.
-- KEYS 1 realm
-- ARGV 1 time (ms), 2 limit
-- returns 1 if there may be more, else 0
-- uses events

local before_ms, limit = tonumber(ARGV[1]), tonumber(ARGV[2])

local old = {}
for _, entry in ipairs(call("XRANGE", k_events, "-", "+", "COUNT", limit)) do
  if tonumber(entry[2][4]) >= before_ms then break end
  old[#old + 1] = entry[1]
end
if #old == 0 then return 0 end
call("XDEL", k_events, unpack(old))
return #old == limit and 1 or 0
