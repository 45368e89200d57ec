-- The basis of every verb. These files do in Lua what `adapters/memory/lobby-state.ts` does in TypeScript. The rules
-- are in the table RULES, which the loader writes above this text from `core`.
--
-- All keys of a realm begin with KEYS[1], whose hash tag puts them into one slot, so that a verb may access any of
-- them.

local base = KEYS[1]
local call = redis.call
local k_count = base .. ":count"

local function k_session(id) return base .. ":session:" .. id end

local function fields(key, ...)
  local names = { ... }
  local values = call("HMGET", key, unpack(names))
  local found = {}
  for index, name in ipairs(names) do found[name] = values[index] or nil end
  return found
end

local function exact(number) return string.format("%.17g", number) end
