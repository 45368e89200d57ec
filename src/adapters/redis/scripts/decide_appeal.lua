-- Decides an appeal for its ban and the companion. A reversal lifts them.
-- KEYS 1 realm
-- ARGV 1 ID of the ban, 2 decision (JSON), 3 when to forget a ban that is lifted (ms), 4 now (ms)
-- returns { "decided", "over" or "unknown", ban (JSON) or empty }
-- uses bans, audit, events

local id, now_ms = ARGV[1], tonumber(ARGV[4])
local decision = cjson.decode(ARGV[2])
local is_reversed = decision.outcome == "reversed"

local function write(ban, appeal)
  local was_banned = is_in_force(ban, now_ms)
  ban.appeal = appeal
  if is_reversed then
    ban.liftedMs = now_ms
    call("ZADD", k_ban_expiry, ARGV[3], ban.addressKey)
  end
  call("HSET", k_bans, ban.addressKey, cjson.encode(ban))
  call("ZADD", k_ban_order, next_number("ban", now_ms), ban.addressKey)
  if is_reversed and was_banned then log_event(string.format(RULES.log_unbanned, ban.addressKey), now_ms) end
end

local key = call("HGET", k_appeal_bans, id)
local ban = key and latest_ban(key)
if not (ban and ban.appeal) then return { "unknown", "" } end
local former = ban.appeal.decision
if former then
  local repeats = former.outcome == decision.outcome and former.by == decision.by and former.answer == decision.answer
  return { repeats and "decided" or "over", call("HGET", k_bans, key) }
end
local companion = companion_of(ban, now_ms)
local appeal = ban.appeal
appeal.decision = decision
call("ZREM", k_appeals_open, id)
call("ZADD", k_appeals_decided, next_number("appeal", now_ms), id)
local entry = is_reversed and RULES.audit_appeal_reversed or RULES.audit_appeal_upheld
log_act(string.format(entry, decision.by, key), now_ms)
log_event(string.format(RULES.log_appeal_decided, id, key, decision.outcome, decision.by), now_ms)
write(ban, appeal)
if companion then write(companion, appeal) end
return { "decided", call("HGET", k_bans, key) }
