-- Deletes events appended before a time.
-- KEYS 1 realm
-- ARGV 1 session id, 2 time (ms)
-- uses mail

local session_id, before_ms = ARGV[1], tonumber(ARGV[2])

local freed = 0
local oldest = call("LINDEX", k_mail(session_id), 0)
while oldest and tonumber(string.match(oldest, "^%d+")) < before_ms do
  freed = freed + drop_oldest(session_id)
  oldest = call("LINDEX", k_mail(session_id), 0)
end
if freed > 0 then
  local held = add(session_of(session_id), "bytes", -freed)
  take_from_pool(held + freed, held)
end
