-- Why a session was closed, for as long as its stream may ask.

local function k_closed(id) return base .. ":closed:" .. id end
