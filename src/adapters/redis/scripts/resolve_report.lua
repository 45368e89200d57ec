-- Stores the resolution of a report.
-- KEYS 1 realm
-- ARGV 1 number, 2 resolution (JSON), 3 entry of the audit log (JSON), 4 now (ms)
-- returns the report (JSON), or an empty string if there is none
-- uses records, audit

local number, resolution = ARGV[1], ARGV[2]

local report = call("HGET", k_reports, number)
if not report then return "" end
call("HSET", k_resolutions, number, resolution)
log_act(ARGV[3], tonumber(ARGV[4]))
return report
