-- Returns people before a number, the newest first.
-- KEYS 1 realm
-- ARGV 1 number, 2 limit
-- returns { { number, key, subject, first seen (ms), last seen (ms), { blocked people } }, … }
-- uses people

local answer = {}
for _, key in ipairs(numbers_before(k_people_order, ARGV[1], ARGV[2])) do answer[#answer + 1] = person_of(key) end
return answer
