-- The basis of every verb. These files do in Lua what `adapters/memory/lobby-state.ts` does in TypeScript.
-- `library.ts` puts them together and defines what they find: the rules of `core` (RULES), `redis.call` (call), a table
-- that is new in each call (step), and the key of the realm (base). All keys of a realm begin with it, and its hash tag
-- puts them into one slot, so that a verb may access any of them.

local k_count = base .. ":counts"

local function k_session(id) return base .. ":session:" .. id end

local function fields(key, ...)
  local names = { ... }
  local values = call("HMGET", key, unpack(names))
  local found = {}
  for index, name in ipairs(names) do found[name] = values[index] or nil end
  return found
end

local function exact(number) return string.format(number % 1 == 0 and "%.0f" or "%.17g", number) end

-- Functions that each call ends with.
local at_end = {}
local function finish()
  for _, act in ipairs(at_end) do act() end
end
