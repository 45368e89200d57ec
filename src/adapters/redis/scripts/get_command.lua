-- Returns a command to the operator's node.
-- KEYS 1 realm
-- ARGV 1 id
-- returns { command (JSON), when the node was asked (ms) or empty, outcome (JSON) or empty }, or {} if there is none
-- uses channels

if call("HEXISTS", k_commands, ARGV[1]) == 0 then return {} end
return stored_command(ARGV[1])
