-- Stores a report, the first of its reporter and match only, and puts the ban that it leads to.
-- KEYS 1 realm
-- ARGV 1 reporter and match, 2 report (JSON), 3 reporter's network, 4 reported network, 5 created (ms),
--      6 networks that lead to a ban (0 for never), 7 that ban (JSON), 8 until when it is remembered (ms),
--      9 reports that are kept, 10 of one network
-- returns { 1 if it is new, else 0, 1 if it led to the ban, else 0 }
-- uses bans, dropping

local name, report, reporter, reported, now_ms = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local after, ban, remembered_until_ms = tonumber(ARGV[6]), ARGV[7], ARGV[8]
local kept, kept_from_network = tonumber(ARGV[9]), tonumber(ARGV[10])
local by, about = k_counted_by(reporter), k_counted_about(reported)

-- `counts` of `core/report.ts`.
local function counts()
  call("ZREMRANGEBYSCORE", by, "-inf", "(" .. exact(now_ms - RULES.counted_ms))
  return reporter ~= reported and not call("ZSCORE", by, reported) and call("ZCARD", by) < RULES.counted_reports
end

local function count()
  for key, other in pairs({ [by] = reported, [about] = reporter }) do
    call("ZADD", key, exact(now_ms), other)
    call("PEXPIRE", key, RULES.counted_ms)
  end
end

-- How many networks count against the reported one: since `countsSinceMs` of `core/ban.ts`.
local function against(latest)
  local since_ms = math.max(now_ms - RULES.counted_ms, latest and latest.liftedMs or 0)
  call("ZREMRANGEBYSCORE", about, "-inf", "(" .. exact(now_ms - RULES.counted_ms))
  return call("ZCOUNT", about, exact(since_ms), "+inf")
end

-- Drops the oldest report of a network that made one too many, else the oldest of all if they are too many.
local function drop_excess()
  local from = k_reports_from(reporter)
  if call("ZCARD", from) > kept_from_network then drop_report(call("ZRANGE", from, 0, 0)[1])
  elseif call("ZCARD", k_report_order) > kept then drop_report(call("ZRANGE", k_report_order, 0, 0)[1]) end
end

if call("HEXISTS", k_report_names, name) == 1 then return { 0, 0 } end
local number = next_number("report", now_ms)
call("HSET", k_report_names, name, number)
call("HSET", k_reports, number, report)
call("ZADD", k_report_order, number, number)
call("ZADD", k_reports_from(reporter), number, number)
drop_excess()
if not counts() then return { 1, 0 } end
count()
local latest = latest_ban(reported)
if after == 0 or is_in_force(latest, now_ms) or against(latest) < after then return { 1, 0 } end
put_ban(reported, ban, remembered_until_ms, now_ms)
return { 1, 1 }
