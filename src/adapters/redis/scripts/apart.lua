-- Returns which of some partners are kept apart from a session for good.
-- KEYS 1 realm
-- ARGV 1 session id, 2… partners
-- returns those partners
-- uses encounters

local answer = {}
for index = 2, #ARGV do
  if are_apart(ARGV[1], ARGV[index]) then answer[#answer + 1] = ARGV[index] end
end
return answer
