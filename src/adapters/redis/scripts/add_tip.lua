-- Enters a tip that is new, unless its payer has too many open ones.
-- KEYS 1 realm
-- ARGV 1 tip id, 2 tip (JSON), 3 match id, 4 payer, 5 payee, 6 now (ms), 7 deadline (ms), 8 most open tips of a payer
-- returns { "added", number } | { "known", number, tip (JSON) } | { "too_many" }
-- uses booking

local id, json, match_id, payer, payee = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local now_ms, deadline_ms, most = ARGV[6], ARGV[7], tonumber(ARGV[8])

local known = tip_number(id)
if known then return { "known", known, call("HGET", k_tips, id) } end
if call("ZCARD", k_tip_list("open:" .. payer)) >= most then return { "too_many" } end
local tip = { id = id, json = json, match = match_id, payer = payer, payee = payee, changed_ms = now_ms }
tip.is_open, tip.until_ms = true, deadline_ms
return { "added", book(tip) }
