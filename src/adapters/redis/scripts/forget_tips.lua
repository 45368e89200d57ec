-- Deletes final tips with their payment hashes, and subtracts them from their totals.
-- KEYS 1 realm
-- ARGV 1 tips: JSON list of { id, number, match, payer, payee, hash (or empty), amount (msat), totals }, each value but
--        the last text, and that empty unless the tip is settled or received
-- uses totals

for _, tip in ipairs(cjson.decode(ARGV[1])) do
  if tip_number(tip.id) == tip.number then
    take_from_totals(tip.totals, tip.amount)
    if tip.hash ~= "" then call("HDEL", k_tip_hashes, tip.hash) end
    for _, list in ipairs(tip_lists(tip.match, tip.payer, tip.payee)) do call("ZREM", list, tip.id) end
    call("ZREM", k_tip_list("pending"), tip.id)
    call("ZREM", k_tip_list("kept"), tip.id)
    call("HDEL", k_tips, tip.id)
  end
end
