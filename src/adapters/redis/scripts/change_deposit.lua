-- Replaces a deposit by its next state, if it has not changed since that was decided.
-- KEYS 1 realm
-- ARGV 1 deposit id, 2 number of the state that the decision was based on, 3 deposit (JSON), 4 instance,
--      5 when it reached its state (ms), 6 when it is due (ms), 7 "open", or "kept" if it is final
-- returns the new number, or an empty string if it changed meanwhile
-- uses deposits

local id, number, json, instance = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

if deposit_number(id) ~= number then return "" end
return write_deposit(id, json, instance, ARGV[5], ARGV[6], ARGV[7])
