local function k_match(id) return base .. ":match:" .. id end

local function other_role(role)
  if role == "offerer" then return "answerer" end
  return "offerer"
end

local function partner_of(session)
  return call("HGET", k_match(session.match), other_role(session.role) .. "_id")
end

-- Whether both sides of a match have sent something: "1" or "0".
local function both_heard(match) return match.offerer_heard == "1" and match.answerer_heard == "1" and "1" or "0" end
