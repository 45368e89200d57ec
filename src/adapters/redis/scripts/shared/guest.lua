-- Guests: sessions that stand for people of other realms.
-- uses objects

-- `isGuest` of `core/guest.ts`.
local function is_guest(session_id) return string.find(session_id, "@", 1, true) ~= nil end

-- Received guests that nobody relays for, by the time from which on they are available.
local k_strays = base .. ":strays"

-- Notes that a guest has lost its instance.
local function miss(session_id)
  if not is_guest(session_id) then return end
  local other = session_of(session_id).other
  if other and other ~= "" then call("ZADD", k_strays, 0, session_id) end
end
