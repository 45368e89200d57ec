-- Creates an idle session with its first stream open.
-- KEYS 1 realm
-- ARGV 1 session id, 2 epoch, 3 max sessions, 4 node, 5 network, 6 person or browser (or empty), 7 profile (JSON,
--      or empty), 8 blocked people, separated by spaces, 9 now (ms), 10 max sessions of its person (or
--      empty), 11… for each network that it counts towards: key, max sessions
-- returns "full", "crowded", "occupied", or { generation, epoch, sequence, snapshot }
-- uses nodes, addresses, opened, epoch, snapshot, encounters, spans, profiles

local session_id, epoch, max_sessions, node, address = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]
local party, profile, blocked, now_ms, max_of_person = ARGV[6], ARGV[7], ARGV[8], tonumber(ARGV[9]), ARGV[10]
local session = session_of(session_id)

if not session.epoch then
  if (counts().sessions or 0) >= max_sessions then return "full" end
  local from = {}
  for index = 11, #ARGV, 2 do
    if tonumber(call("HGET", k_opened, ARGV[index]) or 0) >= tonumber(ARGV[index + 1]) then return "crowded" end
    from[#from + 1] = ARGV[index]
  end
  local person = person_in(address)
  if person and max_of_person ~= "" and call("ZCARD", k_address(person)) >= tonumber(max_of_person) then
    return "occupied"
  end
  create(session, {
    epoch = epoch, generation = 1, attached = true, node = node, state = "idle", sequence = 0, bytes = 0, made = 0,
    received = 0, opened = table.concat(from, "."), party = party ~= "" and party or nil,
  })
  if party ~= "" then call("SET", k_profile(session_id), profile) end
  for other in string.gmatch(blocked, "%S+") do call("SADD", k_blocked(party), other) end
  for _, network in ipairs(from) do call("HINCRBY", k_opened, network, 1) end
  move_to(session_id, nil, address)
  attach_to(node, session_id)
  add(counts(), "sessions", 1)
  log_opened(session_id, party, now_ms)
end
return { session.generation, epoch_of(session_id), session.sequence, snapshot(session_id) }
