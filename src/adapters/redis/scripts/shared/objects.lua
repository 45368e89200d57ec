-- Objects, such as sessions and matches, each packed in one string (`objects.ts`). A step reads each once, and writes
-- it once, at its end. They cost less than hashes, whose fields pass through Redis' protocol one by one, as text. A
-- field that is false is absent.

local function empty(kind, id, key) return { kind = kind, id = id, key = key } end

local function load(kind, id, key)
  local stored = call("GET", key)
  if not stored then return empty(kind, id, key) end
  return unpacked[kind](id, key, cmsgpack.unpack(stored))
end

local function find(kind, id)
  local known = step[kind]
  if not known[id] then known[id] = load(kind, id, base .. ":" .. kind .. ":" .. id) end
  return known[id]
end

-- A session; without an epoch if there is none.
local function session_of(id) return find("session", id) end

-- A match; without a start if there is none.
local function match_of(id) return find("match", id) end

-- Totals of the realm.
local function counts()
  step.counts = step.counts or load("counts", nil, base .. ":counts")
  return step.counts
end

-- Sets a field; nil deletes it.
local function put(object, name, value)
  value = value or nil
  if object[name] == value then return end
  object[name] = value
  step.changed[object] = true
end

-- Adds to a number. Returns the new one.
local function add(object, name, amount)
  local sum = (object[name] or 0) + amount
  put(object, name, sum)
  return sum
end

-- Stores a match that does not exist yet, which need not be looked for.
local function new_match(id, match)
  match.kind, match.id, match.key = "match", id, base .. ":match:" .. id
  step.match[id] = match
  step.changed[match] = true
end

-- Gives an object that does not exist yet its fields.
local function create(object, values)
  for name, value in pairs(values) do put(object, name, value) end
end

local function erase(object)
  call("DEL", object.key)
  step.changed[object] = nil
  step[object.kind][object.id] = empty(object.kind, object.id, object.key)
end

at_end[#at_end + 1] = function()
  for object in pairs(step.changed) do call("SET", object.key, packed[object.kind](object)) end
end
