-- Replaces a case by its next state, if it has not changed since it was read.
-- KEYS 1 realm
-- ARGV 1 number, 2 revision that was read, 3 now (ms), 4 entry of the audit log (JSON), 5 note (JSON, or empty),
--      6 outcome (empty if it does not resolve the case), 7 whether its reports were founded ("1" or "0"), 8 how long
--      the accuracy of reporters is kept (ms), 9 who holds the lease, 10 until when (both empty without one),
--      11 resolution (JSON, or empty), 12 who resolved it, 13 notes
-- returns the new revision, or an empty string if the case has changed
-- uses cases, audit, events

local number, now_ms, note, outcome, founded = ARGV[1], tonumber(ARGV[3]), ARGV[5], ARGV[6], ARGV[7]

local function set(case, name, value)
  case[name] = value ~= "" and value or nil
  if value ~= "" then call("HSET", k_case(number), name, value) else call("HDEL", k_case(number), name) end
end

local function tally()
  for _, reporter in ipairs(call("SMEMBERS", k_case_reporters(number))) do
    call("HINCRBY", k_tally(reporter), "resolved", 1)
    call("HINCRBY", k_tally(reporter), "acted", founded)
    call("PEXPIRE", k_tally(reporter), ARGV[8])
  end
end

local case = read_case(number)
if not case or case.revision ~= ARGV[2] then return "" end
unfile_case(case)
for index, name in ipairs({ "leased_by", "leased_until", "resolution", "resolved_by", "notes" }) do
  set(case, name, ARGV[8 + index])
end
file_case(case, now_ms)
if note ~= "" then call("HSET", k_case_notes(number), case.notes, note) end
log_act(ARGV[4], now_ms)
if outcome == "" then return case.revision end
call("HDEL", k_unresolved, case.key)
tally()
log_event(string.format(RULES.log_case_resolved, number, case.key, outcome), now_ms)
return case.revision
