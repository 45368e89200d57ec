-- Completes the JSON templates of `event-templates.ts`, which are part of RULES.

-- Adds a field to a JSON object.
local function with_field(object, name, json)
  return string.sub(object, 1, -2) .. ',"' .. name .. '":' .. json .. "}"
end
