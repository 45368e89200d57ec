-- Returns a total of tips.
-- KEYS 1 realm
-- ARGV 1 name of the total
-- returns { number of tips, amount (msat) }, as text
-- uses tips

local name = ARGV[1]

local count, amount = unpack(call("HMGET", k_tip_totals, name .. " count", name .. " msat"))
return { count or "0", amount or "0" }
