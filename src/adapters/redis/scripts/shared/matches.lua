-- uses objects

local function k_match(id) return base .. ":match:" .. id end

local function other_role(role)
  if role == "offerer" then return "answerer" end
  return "offerer"
end

local function partner_of(session)
  return object(k_match(session.match))[other_role(session.role) .. "_id"]
end
