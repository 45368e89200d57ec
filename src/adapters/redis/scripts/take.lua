-- Takes one of what there is under a name in a window that begins with the first.
-- KEYS 1 realm
-- ARGV 1 name, 2 most, 3 window (ms)
-- returns 0 when taken, or how long until the window ends (ms)

local key = base .. ":quota:" .. ARGV[1]
local taken = tonumber(call("GET", key) or "0")

if taken >= tonumber(ARGV[2]) then return math.max(1, call("PTTL", key)) end
if taken == 0 then
  call("SET", key, 1, "PX", ARGV[3])
else
  call("INCR", key)
end
return 0
