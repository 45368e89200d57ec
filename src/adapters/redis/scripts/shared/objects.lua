-- Objects, such as sessions and matches: each is a map, packed in one string. A step reads each once, and writes it
-- once, at its end. They cost less than hashes, whose fields pass through Redis' protocol one by one, as text.

local function object(key)
  local known = step.objects[key]
  if known then return known end
  local packed = call("GET", key)
  local found = packed and cmsgpack.unpack(packed) or {}
  step.objects[key] = found
  return found
end

-- Sets a field; nil deletes it.
local function put(key, name, value)
  local known = object(key)
  if known[name] == value then return end
  known[name] = value
  step.changed[key] = true
end

-- Adds to a number. Returns the new one.
local function add(key, name, amount)
  local sum = (object(key)[name] or 0) + amount
  put(key, name, sum)
  return sum
end

-- An object that does not exist yet.
local function create(key, values)
  step.objects[key] = {}
  for name, value in pairs(values) do put(key, name, value) end
end

local function erase(key)
  call("DEL", key)
  step.objects[key] = {}
  step.changed[key] = nil
end

at_end[#at_end + 1] = function()
  for key in pairs(step.changed) do call("SET", key, cmsgpack.pack(step.objects[key])) end
end
