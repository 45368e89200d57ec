-- Returns received guests that nobody relays for, and keeps them from others for a while.
-- KEYS 1 realm
-- ARGV 1 limit, 2 until when they are kept (ms), 3 now (ms)
-- returns { guest, match id, place of the other half (JSON), … }
-- uses guest

local answer = {}
for _, guest in ipairs(call("ZRANGEBYSCORE", k_strays, "-inf", ARGV[3], "LIMIT", 0, ARGV[1])) do
  local session = session_of(guest)
  if session.visit then
    call("ZADD", k_strays, ARGV[2], guest)
    for _, value in ipairs({ guest, session.visit, session.other }) do answer[#answer + 1] = value end
  else
    call("ZREM", k_strays, guest)
  end
end
return answer
