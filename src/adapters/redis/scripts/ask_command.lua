-- Notes that the node may have been asked, once, unless the command has an outcome.
-- KEYS 1 realm
-- ARGV 1 id, 2 now (ms)
-- returns 1 if it had an effect
-- uses channels

if not call("ZSCORE", k_commands_due, ARGV[1]) then return 0 end
return call("HSETNX", k_commands_asked, ARGV[1], ARGV[2])
