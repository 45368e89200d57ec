-- Takes one unit of a quota. Its window begins with the first unit taken.
-- KEYS 1 realm
-- ARGV 1 name, 2 max units, 3 window (ms)
-- returns 0, or the time until the window ends (ms) when the quota is used up

local key = base .. ":quota:" .. ARGV[1]
local taken = tonumber(call("GET", key) or "0")

if taken >= tonumber(ARGV[2]) then return math.max(1, call("PTTL", key)) end
if taken == 0 then
  call("SET", key, 1, "PX", ARGV[3])
else
  call("INCR", key)
end
return 0
