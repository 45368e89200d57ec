-- `SIDE` has the names of the fields of a side, by its role (`objects.ts`).
-- uses objects

local function other_role(role)
  if role == "offerer" then return "answerer" end
  return "offerer"
end

local function partner_of(session)
  return match_of(session.match)[SIDE[other_role(session.role)].id]
end
