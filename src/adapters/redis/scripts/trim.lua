-- Deletes events appended before a time.
-- KEYS 1 realm
-- ARGV 1 session id, 2 time (ms)
-- uses mail

local session_id, before_ms = ARGV[1], tonumber(ARGV[2])

local freed = 0
while true do
  local oldest = call("XRANGE", k_mail(session_id), "-", "+", "COUNT", 1)[1]
  if not oldest or tonumber(oldest[2][6]) >= before_ms then break end
  freed = freed + drop_oldest(session_id)
end
if freed > 0 then
  local held = call("HINCRBY", k_session(session_id), "bytes", -freed)
  take_from_pool(held + freed, held)
end
