-- Returns the subjects of people.
-- KEYS 1 realm
-- ARGV 1… people
-- returns the subject of each, empty if it is not stored
-- uses people

local answer = {}
for index, key in ipairs(ARGV) do answer[index] = call("HGET", k_person(key), "subject") or "" end
return answer
