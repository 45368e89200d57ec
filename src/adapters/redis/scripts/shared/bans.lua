-- uses records

-- The IDs of bans with an open appeal, and of those whose appeal was decided, by number. The keys of these bans.
local k_appeals_open = base .. ":bans:appeals:open"
local k_appeals_decided = base .. ":bans:appeals:decided"
local k_appeal_bans = base .. ":bans:appeals:keys"

-- The latest ban of a network, or nil.
local function latest_ban(key)
  local held = call("HGET", k_bans, key)
  return held and cjson.decode(held) or nil
end

local function is_in_force(ban, now_ms) return ban ~= nil and not ban.liftedMs and now_ms < ban.expiresMs end

-- The ban in force that came with another one, or nil: `isCompanion` of `core/ban.ts`.
local function companion_of(ban, now_ms)
  local other = ban.companion and latest_ban(ban.companion) or nil
  if not is_in_force(other, now_ms) then return nil end
  if other.companion ~= ban.addressKey or other.createdMs ~= ban.createdMs then return nil end
  return other
end

-- Takes the appeal of a ban that goes out of the lists. Its companion alone has it from now on.
local function drop_appeal(key, now_ms)
  local ban = latest_ban(key)
  if not (ban and ban.appeal) then return end
  local id = ban.appeal.banId
  if call("HGET", k_appeal_bans, id) ~= key then return end
  local other = companion_of(ban, now_ms)
  if other then
    call("HSET", k_appeal_bans, id, other.addressKey)
    return
  end
  call("HDEL", k_appeal_bans, id)
  call("ZREM", k_appeals_open, id)
  call("ZREM", k_appeals_decided, id)
end

-- Replaces the latest ban (JSON) of a network, and remembers it until a time. Returns whether there was room.
local function put_ban(key, ban, remembered_until_ms, now_ms, max_bans)
  if call("HLEN", k_bans) >= (max_bans or RULES.kept_bans) and call("HEXISTS", k_bans, key) == 0 then return false end
  drop_appeal(key, now_ms)
  call("HSET", k_bans, key, ban)
  call("ZADD", k_ban_order, next_number("ban", now_ms), key)
  call("ZADD", k_ban_expiry, remembered_until_ms, key)
  return true
end
