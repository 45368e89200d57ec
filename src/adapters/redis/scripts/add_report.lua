-- Stores a report, unless its reporter has reported the match before, raises its case, and puts the ban that it leads
-- to.
-- KEYS 1 realm
-- ARGV 1 reporter and match, 2 report (JSON), 3 widest network of the reporter, 4 narrowest network of the reported
--      session, 5 whether it may count ("1" or "0"), 6 created (ms), 7 when to forget a ban that it leads to (ms),
--      8 max reports kept, 9 max reports kept of one network, 10 max reports that count, 11 the reporter's block of
--      addresses, 12 max reports of a block that count, 13 key that the case is about, 14 max cases kept, 15… for
--      the person, or for the browser if known and each network of the reported session, the narrowest first: key,
--      how many networks lead to a ban (0 for never), that ban (JSON)
-- returns { number of the report, 1 if it is new, else 0, index of the network that was banned, from 1, or 0 for none }
-- uses bans, dropping, events, raising, audit

local name, report, reporter, reported = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local may_count, now_ms, remembered_until_ms = ARGV[5] == "1", tonumber(ARGV[6]), ARGV[7]
local max_kept, max_kept_of_network, max_counted = tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
local of_block, max_counted_of_block = k_counted_of(ARGV[11]), tonumber(ARGV[12])
local by = k_counted_by(reporter)
local case_key, max_cases = ARGV[13], tonumber(ARGV[14])
local LEVELS = 15
local outdated = "(" .. exact(now_ms - RULES.counted_ms)

-- `counts` of `core/report.ts`, except for what depends on the report alone.
local function counts()
  if not may_count then return false end
  call("ZREMRANGEBYSCORE", by, "-inf", outdated)
  call("ZREMRANGEBYSCORE", k_counted, "-inf", outdated)
  call("ZREMRANGEBYSCORE", of_block, "-inf", outdated)
  if call("ZCARD", of_block) >= max_counted_of_block then return false end
  if call("ZSCORE", by, reported) or call("ZCARD", by) >= RULES.counted_reports then return false end
  return call("ZCARD", k_counted) < max_counted
end

local function count_in(key, member)
  call("ZADD", key, exact(now_ms), member)
  call("PEXPIRE", key, RULES.counted_ms)
end

local function count()
  count_in(by, reported)
  count_in(k_counted, reporter .. " " .. reported)
  count_in(of_block, reporter .. " " .. reported)
  for index = LEVELS, #ARGV, 3 do count_in(k_counted_about(ARGV[index]), reporter) end
end

-- How many networks count against a network since a time.
local function against(key, since_ms)
  local about = k_counted_about(key)
  call("ZREMRANGEBYSCORE", about, "-inf", outdated)
  return call("ZCOUNT", about, exact(since_ms), "+inf")
end

local function is_browser(key) return string.sub(key, 1, 1) == "^" end

-- Bans the browser of a banned network too, so that the ban follows it to another network.
local function ban_browser(key, ban)
  ban.addressKey, ban.companion = key, ban.addressKey
  put_ban(key, cjson.encode(ban), remembered_until_ms, now_ms)
end

-- Bans the widest network against which enough others count. Returns its index, or 0.
local function ban(case)
  local since_ms = now_ms - RULES.counted_ms
  for index = #ARGV - 2, LEVELS, -3 do
    local key, needed = ARGV[index], tonumber(ARGV[index + 1])
    local latest = latest_ban(key)
    if is_in_force(latest, now_ms) then return 0 end
    since_ms = math.max(since_ms, latest and latest.liftedMs or 0) -- a lifted ban also covers the networks within
    if needed > 0 and against(key, since_ms) >= needed then
      if not put_ban(key, ARGV[index + 2], remembered_until_ms, now_ms) then return 0 end
      log_event(string.format(RULES.log_banned, ARGV[index + 2]), now_ms)
      log_act(string.format(RULES.audit_banned, case.number, key), now_ms)
      if index > LEVELS and is_browser(ARGV[LEVELS]) then ban_browser(ARGV[LEVELS], cjson.decode(ARGV[index + 2])) end
      return (index - LEVELS) / 3 + 1
    end
  end
  return 0
end

local former = call("HGET", k_report_names, name)
if former then return { former, 0, 0 } end
local number, does_count = next_number("report", now_ms), counts()
call("HSET", k_report_names, name, number)
call("HSET", k_reports, number, report)
call("ZADD", k_report_order, number, number)
file_report(does_count and "counted" or "other", reporter, number)
drop_excess(reporter, max_kept_of_network, max_kept)
local filed = cjson.decode(report)
local party = answered_party(filed)
if party then call("ZADD", k_reports_unseen(party), number, number) end
local event = string.format(
  RULES.log_report_filed, number, filed.reporterId, filed.reporterKey, filed.reportedKey, filed.matchId, filed.reason
)
log_event(event, now_ms)
local case, is_opened = raise_case(case_key, filed, reporter, now_ms)
call("HSET", k_reports_case, number, case.number)
call("ZADD", k_reports_of(case.number), number, number)
if is_opened then
  log_event(string.format(RULES.log_case_opened, case.number, case_key, filed.reason), now_ms)
  log_act(string.format(RULES.audit_case_opened, case.number, case_key), now_ms)
  drop_excess_case(max_cases)
end
if not does_count then return { number, 1, 0 } end
count()
return { number, 1, ban(case) }
