-- Adds a deposit, unless its session has an open one.
-- KEYS 1 realm
-- ARGV 1 deposit id, 2 deposit (JSON), 3 instance, 4 now (ms), 5 when it is due (ms), 6 max deposits, 7 its session,
--      8 its browser, if it has one
-- returns { "added", number } | { "known", number, deposit (JSON) } | { "full" }
-- uses deposits

local id, json, instance, now_ms, due_ms = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local max, session = tonumber(ARGV[6]), ARGV[7]

local known = call("HGET", k_deposit_holders, session)
if known and call("ZSCORE", k_deposit_list("open"), known) then
  return { "known", deposit_number(known), call("HGET", k_deposits, known) }
end
if call("HLEN", k_deposits) >= max then return { "full" } end
for index = 7, #ARGV do call("HSET", k_deposit_holders, ARGV[index], id) end
return { "added", write_deposit(id, json, instance, now_ms, due_ms, "open") }
