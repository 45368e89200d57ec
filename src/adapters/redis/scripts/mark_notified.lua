-- Marks that both sides were notified of a change of a tip, if it is the latest.
-- KEYS 1 realm
-- ARGV 1 tip id, 2 number of the change
-- uses tips

local id, number = ARGV[1], ARGV[2]

if tip_number(id) == number then call("ZREM", k_tip_list("pending"), id) end
