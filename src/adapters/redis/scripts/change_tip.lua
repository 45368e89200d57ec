-- Replaces a tip by its next state, if it has not changed since that was decided.
-- KEYS 1 realm
-- ARGV 1 tip id, 2 number of the state that the decision was based on, 3 tip (JSON), 4 match id, 5 payer, 6 payee,
--      7 now (ms), 8 1 if it is open, else 0, 9 its deadline when it is open, else when it may be forgotten (ms),
--      10 payment hash, or an empty string, 11 amount (msat), 12 person who pays (or empty), 13 person who is paid (or
--      empty), 14… names of its totals, if it settles
-- returns { "changed", number } | { "stale" } | { "hash_used" }
-- uses writing, totals, events

local id, number, json, match_id, payer, payee = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local now_ms, is_open, until_ms, hash, amount = ARGV[7], ARGV[8] == "1", ARGV[9], ARGV[10], ARGV[11]
local payer_person, payee_person = ARGV[12], ARGV[13]

if tip_number(id) ~= number then return { "stale" } end
local owner = hash ~= "" and call("HGET", k_tip_hashes, hash)
if owner and owner ~= id then return { "hash_used" } end
local was_settled = cjson.decode(call("HGET", k_tips, id)).state == "settled"
local tip = { id = id, json = json, match = match_id, payer = payer, payee = payee, changed_ms = now_ms }
tip.is_open, tip.until_ms = is_open, until_ms
if hash ~= "" then call("HSET", k_tip_hashes, hash, id) end
if not was_settled and #ARGV >= 14 then
  add_to_totals({ unpack(ARGV, 14) }, amount)
  local event = string.format(
    RULES.log_tip_settled, id, match_id, payer, payee, amount, payer_person, payee_person
  )
  log_event(event, tonumber(now_ms))
end
return { "changed", write_tip(tip) }
