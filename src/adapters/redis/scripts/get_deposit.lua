-- Returns a deposit by its ID, or the latest one of a session or a browser.
-- KEYS 1 realm
-- ARGV 1 "id" or "holder", 2 deposit id, or the session or browser
-- returns { number, deposit (JSON) }, or an empty list if there is none
-- uses deposits

local id = ARGV[2]
if ARGV[1] == "holder" then id = call("HGET", k_deposit_holders, ARGV[2]) end
local number = id and deposit_number(id)
if not number then return {} end
return { number, call("HGET", k_deposits, id) }
