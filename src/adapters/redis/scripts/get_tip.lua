-- Returns a tip by its ID.
-- KEYS 1 realm
-- ARGV 1 tip id
-- returns { number, tip (JSON) }, empty if there is no such tip
-- uses tips

local id = ARGV[1]

local number = tip_number(id)
return number and { number, call("HGET", k_tips, id) } or {}
