-- Replaces a tip by its next state, if it has not changed since that was decided.
-- KEYS 1 realm
-- ARGV 1 tip id, 2 number of the state that the decision was based on, 3 tip (JSON), 4 match id, 5 payer, 6 payee,
--      7 when it reached its state (ms), 8 1 if it is open, else 0, 9 its deadline when it is open, else when it may
--      be forgotten (ms), 10 payment hash, or an empty string, 11 amount (msat), 12 person who pays (or empty),
--      13 person who is paid (or empty), 14 its state, 15 when its receipt was confirmed (ms), or empty, 16 names of
--      its totals (JSON), 17 names of the totals that it counted towards if it was received before (JSON)
-- returns { "changed", number } | { "stale" } | { "hash_used" }
-- uses writing, totals, events

local id, number, json, match_id, payer, payee = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local changed_ms, is_open, until_ms, hash, amount = ARGV[7], ARGV[8] == "1", ARGV[9], ARGV[10], ARGV[11]
local payer_person, payee_person, state, received_ms = ARGV[12], ARGV[13], ARGV[14], ARGV[15]

local function log_tip(type, at_ms)
  local event = string.format(
    RULES.log_tip, type, id, match_id, payer, payee, amount, payer_person, payee_person
  )
  log_event(event, tonumber(at_ms))
end

if tip_number(id) ~= number then return { "stale" } end
local former = cjson.decode(call("HGET", k_tips, id))
if former.state == state then
  if former.receivedMs or received_ms == "" then return { "stale" } end
  call("HSET", k_tips, id, json)
  call("ZADD", k_tip_list("pending"), changed_ms, id)
  log_tip("tip_received", received_ms)
  return { "changed", number }
end
local owner = hash ~= "" and call("HGET", k_tip_hashes, hash)
if owner and owner ~= id then return { "hash_used" } end
if hash ~= "" then call("HSET", k_tip_hashes, hash, id) end
if former.state == "received" then take_from_totals(cjson.decode(ARGV[17]), amount) end
add_to_totals(cjson.decode(ARGV[16]), amount)
if state == "received" or state == "settled" then log_tip("tip_" .. state, changed_ms) end
local tip = { id = id, json = json, match = match_id, payer = payer, payee = payee, changed_ms = changed_ms }
tip.is_open, tip.until_ms = is_open, until_ms
return { "changed", write_tip(tip) }
