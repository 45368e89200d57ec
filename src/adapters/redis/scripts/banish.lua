-- Closes the sessions of a network that was banned.
-- KEYS 1 realm
-- ARGV 1 network, 2 now (ms), 3 most
-- returns how many there were
-- uses mending, closing

local address, now_ms, most = ARGV[1], tonumber(ARGV[2]), ARGV[3]

local sessions = call("SRANDMEMBER", k_address(address), most)
for _, session_id in ipairs(sessions) do
  doing_of(session_id, now_ms)
  close(session_id, "banned", now_ms)
end
return #sessions
