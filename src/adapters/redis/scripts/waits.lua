-- Returns percentiles of how long the sessions in the queue have waited.
-- KEYS 1 realm
-- ARGV 1 now (ms), 2… shares between 0 and 1
-- returns { number of sessions, for each share the wait (ms) that this share of them has not exceeded, … }
-- uses waiting

local now_ms, count = tonumber(ARGV[1]), call("ZCARD", k_waits)
local answer = { count }
for index = 2, count > 0 and #ARGV or 0 do
  local rank = math.max(math.ceil(tonumber(ARGV[index]) * count) - 1, 0)
  local _, since = unpack(call("ZREVRANGE", k_waits, rank, rank, "WITHSCORES"))
  answer[index] = exact(math.max(now_ms - tonumber(since), 0))
end
return answer
