-- Stores that a person blocked another.
-- KEYS 1 realm
-- ARGV 1 person who blocks, 2 subject, 3 now (ms), 4 max people, 5 other person, 6 max blocked people,
--   7 entry of the audit log (JSON) or empty, 8 its time (ms)
-- returns 1 if there was room, else 0
-- uses people, audit

local key, subject, now_ms, max_people = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local other, max_blocked = ARGV[5], tonumber(ARGV[6])

if not note_person(key, subject, now_ms, max_people) then return 0 end
if not call("ZSCORE", k_person_blocks(key), other) then
  if call("ZCARD", k_person_blocks(key)) >= max_blocked then return 0 end
  local last = call("ZREVRANGE", k_person_blocks(key), 0, 0, "WITHSCORES")[2] or 0
  call("ZADD", k_person_blocks(key), tonumber(last) + 1, other)
end
if ARGV[7] ~= "" then log_act(ARGV[7], tonumber(ARGV[8])) end
return 1
