-- What partners are shown about the person of a session (JSON).

local function k_profile(id) return base .. ":profile:" .. id end
