-- What every verb stands on. The moves in these files are those of `adapters/memory/realm.ts`, said in Lua. They hold
-- guard and move; the rules are the table RULES, which the loader writes above this text from `core`.
--
-- All keys of a realm begin with KEYS[1], whose hash tag puts them into one slot, so that a verb may touch any of them.

local base = KEYS[1]
local call = redis.call
local quoted = cjson.encode
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
