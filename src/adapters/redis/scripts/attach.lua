-- Opens a newer stream of a session, which ends its absence.
-- KEYS 1 realm
-- ARGV 1 session id, 2 epoch the client knows, 3 last sequence it knows, 4 new epoch, 5 node, 6 now (ms), 7 network,
--      8 new profile (JSON, if it changes)
-- returns "unknown", or { generation, epoch, sequence to read after, snapshot, resumed (1 or 0) }
-- uses repairing, attaching, addresses, snapshot, pairing, profiles

local session_id, epoch, last, new_epoch = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local node, now_ms, address = ARGV[5], tonumber(ARGV[6]), ARGV[7]

local session = activity_of(session_id, now_ms)
if not session.epoch then return "unknown" end
if epoch_of(session_id) == epoch and last > session.sequence then
  drop_mail(session_id)
  put(session, "epoch", new_epoch)
  put(session, "sequence", 0)
  put(session, "bytes", 0)
end
local present_epoch, newest = epoch_of(session_id), session.sequence
local shared = shared_until(session_id, epoch)
local resumed = shared and last <= shared and last >= newest - call("LLEN", k_mail(session_id))
local after = resumed and last or newest
local was_away = open_stream(session_id, node)
move_to(session_id, session.address, address)
if ARGV[8] then call("SET", k_profile(session_id), ARGV[8]) end
local answer = { session.generation, present_epoch, after, snapshot(session_id), resumed and 1 or 0 }

if was_away then
  if session.state == "waiting" then revisit(session_id, now_ms) -- which may begin a match
  elseif session.state == "matched" then
    append(partner_of(session), string.format(RULES.event_partner_back, session.match), 64, now_ms)
  end
end
return answer
