-- Opens a newer stream of a session, which ends its absence.
-- KEYS 1 realm
-- ARGV 1 session id, 2 epoch the client knows, 3 last sequence it knows, 4 new epoch, 5 node, 6 now (ms), 7 network,
--      8 new profile (JSON, if it changes)
-- returns "unknown", or { generation, epoch, sequence to read after, snapshot, resumed (1 or 0) }
-- uses repairing, attaching, addresses, snapshot, pairing

local session_id, epoch, last, new_epoch = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local node, now_ms, address = ARGV[5], tonumber(ARGV[6]), ARGV[7]
local session = k_session(session_id)

if not activity_of(session_id, now_ms).state then return "unknown" end
local before = fields(session, "sequence", "address")
if epoch_of(session_id) == epoch and last > tonumber(before.sequence) then
  drop_mail(session_id)
  call("HSET", session, "epoch", new_epoch, "sequence", 0, "bytes", 0)
end
local present_epoch, newest = epoch_of(session_id), tonumber(call("HGET", session, "sequence"))
local shared = shared_until(session_id, epoch)
local resumed = shared and last <= shared and last >= newest - call("XLEN", k_mail(session_id))
local after = resumed and last or newest
local was_away = open_stream(session_id, node)
move_to(session_id, before.address, address)
if ARGV[8] then call("HSET", session, "profile", ARGV[8]) end
local answer = { call("HGET", session, "generation"), present_epoch, after, snapshot(session_id), resumed and 1 or 0 }

if was_away then
  local activity = fields(session, "state", "match", "role")
  if activity.state == "waiting" then revisit(session_id, now_ms) end
  if activity.state == "matched" then
    append(partner_of(activity), string.format(RULES.event_partner_back, activity.match), 64, now_ms)
  end
end
return answer
