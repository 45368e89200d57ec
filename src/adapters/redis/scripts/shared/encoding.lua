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

-- Adds what both sides ask for a minute, unless neither asks for anything: `minutePricesOf` of `core/price.ts`.
local function with_prices(json, partner, own, start)
  partner, own = partner or "0", own or "0"
  if partner == "0" and own == "0" then return json end
  local prices = '{"ownMsat":' .. own .. ',"partnerMsat":' .. partner .. ',"startMs":' .. start .. "}"
  return with_field(json, "minutePrices", prices)
end
