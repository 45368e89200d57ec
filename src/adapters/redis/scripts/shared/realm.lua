-- The basis of every verb. These files do in Lua what `adapters/memory/lobby-state.ts` does in TypeScript.
-- `library.ts` puts them together and defines what they find: the rules of `core` (RULES), `redis.call` (call), a table
-- that is new in each call (step), and the key of the realm (base). All keys of a realm begin with it, and its hash tag
-- puts them into one slot, so that a verb may access any of them.

local function fields(key, ...)
  local names = { ... }
  local values = call("HMGET", key, unpack(names))
  local found = {}
  for index, name in ipairs(names) do found[name] = values[index] or nil end
  return found
end

-- Small numbers as text, and the last other one.
local texts, last_number, last_text = {}, nil, nil

-- A number, or its text, as text with all its digits. Lua's own conversion rounds, and costs more.
local function exact(number)
  number = number + 0
  local text = texts[number]
  if text then return text end
  if number == last_number then return last_text end
  local is_whole = number % 1 == 0
  text = string.format(is_whole and "%d" or "%.17g", number)
  if is_whole and number >= 0 and number < 1000 then texts[number] = text else last_number, last_text = number, text end
  return text
end

-- Functions that each call ends with.
local at_end = {}
local function finish()
  for _, act in ipairs(at_end) do act() end
end
