-- Returns cases of a queue, or those that changed.
-- KEYS 1 realm
-- ARGV 1 "in" or "after", 2 queue, or empty, 3 place that they are behind, or empty; or a revision, 4 limit
-- returns { number, { field of the case, value, … }, … }
-- uses cases

local side, queue, after, limit = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

local function numbers()
  if side == "after" then return numbers_after(k_case_changes, after, limit) end
  local start = after == "" and "-" or "(" .. after
  local found = call("ZRANGEBYLEX", k_case_queue(queue), start, "+", "LIMIT", 0, limit)
  for index, place in ipairs(found) do found[index] = string.match(place, "^%d%d%d%d%d%d%d0*(%d+)$") end
  return found
end

local answer = {}
for _, number in ipairs(numbers()) do
  answer[#answer + 1] = number
  answer[#answer + 1] = call("HGETALL", k_case(number))
end
return answer
