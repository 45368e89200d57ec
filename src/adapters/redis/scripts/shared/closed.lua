-- The reason why a session was closed, kept for its stream to read.

local function k_closed(id) return base .. ":closed:" .. id end
