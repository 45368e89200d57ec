-- The app's people. Like reports, they are kept permanently.
-- uses records

-- What is stored about a person, and whom it has blocked, in the order of the blocks.
local function k_person(key) return base .. ":person:" .. key end
local function k_person_blocks(key) return base .. ":person:blocks:" .. key end
-- People by number, and by when they were seen last.
local k_people_order = base .. ":people:order"
local k_people_seen = base .. ":people:seen"
-- The times before which tokens are revoked, and when they were.
local k_revoked = base .. ":people:revoked"
local k_revoked_at = base .. ":people:revoked:at"

-- { number, key, subject, first seen, last seen, blocked people }, or nil.
local function person_of(key)
  local person = fields(k_person(key), "number", "subject", "first", "last")
  if not person.number then return nil end
  return { person.number, key, person.subject, person.first, person.last, call("ZRANGE", k_person_blocks(key), 0, -1) }
end

-- Stores when a person was seen. Returns whether there was room.
local function note_person(key, subject, now_ms, max_people)
  if call("EXISTS", k_person(key)) == 0 then
    if call("ZCARD", k_people_order) >= max_people then return false end
    local number = next_number("person", now_ms)
    call("HSET", k_person(key), "number", number, "first", exact(now_ms))
    call("ZADD", k_people_order, number, key)
  end
  call("HSET", k_person(key), "subject", subject, "last", exact(now_ms))
  call("ZADD", k_people_seen, exact(now_ms), key)
  return true
end

-- Returns whether there was such a person.
local function drop_person(key)
  call("DEL", k_person_blocks(key))
  call("ZREM", k_people_order, key)
  call("ZREM", k_people_seen, key)
  return call("DEL", k_person(key)) == 1
end
