-- Returns the evidence of a report, and writes into the audit log that it was opened.
-- KEYS 1 realm
-- ARGV 1 report, 2 moderator, 3 now (ms)
-- returns { "unreported" }, { "missing" }, or { "found", commitments (JSON), pieces (base64) … }
-- uses evidence, audit

local report = ARGV[1]

if call("HEXISTS", k_reports, report) == 0 then return { "unreported" } end
if not is_complete(report) then return { "missing" } end
local case, count, commitments = unpack(call("HMGET", k_evidence(report), "case", "count", "commitments"))
local answer = { "found", commitments }
for index = 0, tonumber(count) - 1 do answer[#answer + 1] = call("HGET", k_evidence(report), exact(index)) end
if case == "" then case = "0" end
log_act(string.format(RULES.audit_evidence_opened, ARGV[2], case, report), tonumber(ARGV[3]))
return answer
