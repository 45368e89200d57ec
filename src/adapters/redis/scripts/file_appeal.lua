-- Stores an appeal in a ban in force, and in its companion.
-- KEYS 1 realm
-- ARGV 1 network, 2 when the ban was created (ms), 3 appeal (JSON), 4 now (ms)
-- returns "filed", "exists" or "unknown"
-- uses bans, audit, events

local key, now_ms = ARGV[1], tonumber(ARGV[4])
local appeal = cjson.decode(ARGV[3])

local function write(ban)
  ban.appeal = appeal
  call("HSET", k_bans, ban.addressKey, cjson.encode(ban))
  call("ZADD", k_ban_order, next_number("ban", now_ms), ban.addressKey)
end

local ban = latest_ban(key)
if not is_in_force(ban, now_ms) or ban.createdMs ~= tonumber(ARGV[2]) then return "unknown" end
if ban.appeal then
  local is_same = ban.appeal.createdMs == appeal.createdMs and ban.appeal.text == appeal.text
  return is_same and "filed" or "exists"
end
local companion = companion_of(ban, now_ms)
write(ban)
if companion then write(companion) end
call("HSET", k_appeal_bans, appeal.banId, key)
call("ZADD", k_appeals_open, next_number("appeal", now_ms), appeal.banId)
log_act(string.format(RULES.audit_appeal_filed, key), now_ms)
log_event(string.format(RULES.log_appeal_filed, appeal.banId, key), now_ms)
return "filed"
