-- Creates an idle session with its first stream open.
-- KEYS 1 realm
-- ARGV 1 session id, 2 epoch, 3 max sessions, 4 node, 5 network, 6 person or browser (or empty), 7 profile (JSON,
--      or empty), 8 blocked people, separated by spaces, 9 now (ms), 10 max sessions of its person (or
--      empty), 11… for each network that it counts towards: key, max sessions
-- returns "full", "crowded", "occupied", or { generation, epoch, sequence, snapshot }
-- uses nodes, addresses, opened, epoch, snapshot, encounters, spans

local session_id, epoch, max_sessions, node, address = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]
local session = k_session(session_id)

if call("EXISTS", session) == 0 then
  if tonumber(call("HGET", k_count, "sessions") or 0) >= max_sessions then return "full" end
  local from = {}
  for index = 11, #ARGV, 2 do
    if tonumber(call("HGET", k_opened, ARGV[index]) or 0) >= tonumber(ARGV[index + 1]) then return "crowded" end
    from[#from + 1] = ARGV[index]
  end
  local person = person_in(address)
  if person and ARGV[10] ~= "" and call("ZCARD", k_address(person)) >= tonumber(ARGV[10]) then return "occupied" end
  call(
    "HSET", session, "epoch", epoch, "generation", 1, "attached", "1", "node", node, "state", "idle",
    "sequence", 0, "bytes", 0, "made", 0, "received", 0, "opened", table.concat(from, ".")
  )
  if ARGV[6] ~= "" then call("HSET", session, "party", ARGV[6], "profile", ARGV[7]) end
  for other in string.gmatch(ARGV[8], "%S+") do call("SADD", k_blocked(ARGV[6]), other) end
  for _, key in ipairs(from) do call("HINCRBY", k_opened, key, 1) end
  move_to(session_id, nil, address)
  attach_to(node, session_id)
  call("HINCRBY", k_count, "sessions", 1)
  log_opened(session_id, ARGV[6], tonumber(ARGV[9]))
end
local opened = fields(session, "generation", "sequence")
return { opened.generation, epoch_of(session_id), opened.sequence, snapshot(session_id) }
