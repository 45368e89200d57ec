-- Returns open sessions before a number, the newest first.
-- KEYS 1 realm
-- ARGV 1 network or person whose sessions are listed, or empty for all, 2 number, 3 limit
-- returns { number, session id, address, state, match id, "1" if attached, opened (ms), … }
-- uses addresses, spans

local address, before, limit = ARGV[1], ARGV[2], ARGV[3]

local list = address == "" and k_sessions or k_address(address)
local found = call("ZREVRANGEBYSCORE", list, "(" .. before, "-inf", "WITHSCORES", "LIMIT", 0, limit)
local answer = {}
for index = 1, #found, 2 do
  local session_id = found[index]
  local session = session_of(session_id)
  local opened = tonumber(call("ZSCORE", k_sessions, session_id) or 0)
  local row = {
    exact(tonumber(found[index + 1])), session_id, session.address or "", session.state or "idle", session.match or "",
    session.attached and "1" or "0", exact(math.floor(opened / 1000)),
  }
  for _, value in ipairs(row) do answer[#answer + 1] = value end
end
return answer
