-- Returns running matches before a number, the newest first.
-- KEYS 1 realm
-- ARGV 1 number, 2 limit
-- returns { number, match id, offerer, its person or empty, answerer, its person or empty, "true" if relayed,
--         "1" if answered, start (ms), … }
-- uses matches, spans

local before, limit = ARGV[1], ARGV[2]

local found = call("ZREVRANGEBYSCORE", k_matches, "(" .. before, "-inf", "WITHSCORES", "LIMIT", 0, limit)
local answer = {}
for index = 1, #found, 2 do
  local match = match_of(found[index])
  local row = {
    exact(tonumber(found[index + 1])), found[index], match.offerer_id or "", person_name(match.offerer_party),
    match.answerer_id or "", person_name(match.answerer_party), match.relay or "false",
    match.answered and "1" or "0",
    exact(match.start or 0),
  }
  for _, value in ipairs(row) do answer[#answer + 1] = value end
end
return answer
