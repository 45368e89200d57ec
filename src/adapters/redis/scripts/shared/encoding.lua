-- Completes the JSON templates of `event-templates.ts`, which are part of RULES.

-- Adds a field to a JSON object.
local function with_field(object, name, json)
  return string.sub(object, 1, -2) .. ',"' .. name .. '":' .. json .. "}"
end

-- Adds what both sides send; a side without a mode sends video.
local function with_modes(json, partner, own)
  if partner then json = with_field(json, "partnerMode", '"' .. partner .. '"') end
  return own and with_field(json, "ownMode", '"' .. own .. '"') or json
end
