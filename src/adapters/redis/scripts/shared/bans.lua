-- uses records

-- The latest ban of a network, or nil.
local function latest_ban(key)
  local held = call("HGET", k_bans, key)
  return held and cjson.decode(held) or nil
end

local function is_in_force(ban, now_ms) return ban ~= nil and not ban.liftedMs and now_ms < ban.expiresMs end

-- Replaces the latest ban (JSON) of a network, and remembers it until a time. Returns whether there was room.
local function put_ban(key, ban, remembered_until_ms, now_ms, max_bans)
  if call("HLEN", k_bans) >= (max_bans or RULES.kept_bans) and call("HEXISTS", k_bans, key) == 0 then return false end
  call("HSET", k_bans, key, ban)
  call("ZADD", k_ban_order, next_number("ban", now_ms), key)
  call("ZADD", k_ban_expiry, remembered_until_ms, key)
  return true
end
