-- What the sides of a match have committed to: a hash of commitments (JSON) by session.

local function k_commitments(match) return base .. ":commitments:" .. match end
