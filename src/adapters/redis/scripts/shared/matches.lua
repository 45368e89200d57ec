-- uses objects

-- The names of the fields of a side, by its role.
local SIDE = { offerer = {}, answerer = {} }
for role, names in pairs(SIDE) do
  for _, name in ipairs({
    "id", "party", "since", "soft_since", "round", "sequence", "offered", "mode", "profile", "price", "rematch",
  }) do names[name] = role .. "_" .. name end
end

local function other_role(role)
  if role == "offerer" then return "answerer" end
  return "offerer"
end

local function partner_of(session)
  return match_of(session.match)[SIDE[other_role(session.role)].id]
end
