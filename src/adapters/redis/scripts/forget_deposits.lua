-- Drops final deposits that did not change meanwhile.
-- KEYS 1 realm
-- ARGV 1 the deposits: a JSON array of { id, number, holders }
-- uses deposits

for _, deposit in ipairs(cjson.decode(ARGV[1])) do
  local id = deposit.id
  if deposit_number(id) == deposit.number then
    for _, list in ipairs({ "all", "kept" }) do call("ZREM", k_deposit_list(list), id) end
    for _, holder in ipairs(deposit.holders) do
      if call("HGET", k_deposit_holders, holder) == id then call("HDEL", k_deposit_holders, holder) end
    end
    call("HDEL", k_deposits, id)
  end
end
