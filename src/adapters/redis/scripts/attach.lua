-- Opens a newer stream of a session; whoever was away is back.
-- KEYS 1 realm
-- ARGV 1 session id, 2 epoch the client knows, 3 last sequence it knows, 4 new epoch, 5 node, 6 now (ms), 7 network
-- returns "unknown", or { generation, epoch, sequence to read after, snapshot, resumed (1 or 0) }
-- uses mending, nodes, addresses, bus, epoch, snapshot, pairing

local session_id, epoch, last, new_epoch, node, now_ms = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5], tonumber(ARGV[6])
local address = ARGV[7]
local session = k_session(session_id)
local ERA = 1000000 -- more streams than a session has in an era

if not doing_of(session_id, now_ms).state then return "unknown" end
local before = fields(session, "sequence", "attached", "node", "address")
if epoch_of(session_id) == epoch and last > tonumber(before.sequence) then
  drop_mail(session_id)
  call("HSET", session, "epoch", new_epoch, "sequence", 0, "bytes", 0)
end
local present_epoch, newest = epoch_of(session_id), tonumber(call("HGET", session, "sequence"))
local shared = shared_until(session_id, epoch)
local resumed = shared and last <= shared and last >= newest - call("XLEN", k_mail(session_id))
local after = resumed and last or newest
local generation = call("HINCRBY", session, "generation", 1)
if generation < (era().number - 1) * ERA then
  generation = (era().number - 1) * ERA
  call("HSET", session, "generation", generation)
end
notify_change(session_id)
call("SREM", k_attached(before.node), session_id)
attach_to(node, session_id)
call("HSET", session, "attached", "1", "node", node)
move_to(session_id, before.address, address)
call("HDEL", session, "reaped")
unschedule("session:" .. session_id)
local answer = { generation, present_epoch, after, snapshot(session_id), resumed and 1 or 0 }

if before.attached == "0" then
  local doing = fields(session, "state", "match", "role")
  if doing.state == "waiting" then revisit(session_id, now_ms) end
  if doing.state == "matched" then
    tell(partner_of(doing), '{"type":"partner_back","matchId":' .. quoted(doing.match) .. "}", 64, now_ms)
  end
end
return answer
