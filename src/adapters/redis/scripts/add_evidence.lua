-- Stores a piece of the evidence for a report, and drops that of the oldest other report if there is too much.
-- KEYS 1 realm
-- ARGV 1 reporter and match, 2 lowest number of a report that may get evidence, 3 index, 4 number of pieces,
--      5 piece (base64), 6 commitments (JSON), 7 max pieces of all reports
-- returns "stored", "unreported" or "taken"
-- uses evidence

local index, count, piece, max = ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[7])

local function drop_oldest_but(report)
  for _, other in ipairs(call("ZRANGE", k_evidence_order, 0, 1)) do
    if other ~= report then return drop_evidence(other) end
  end
end

local report = call("HGET", k_report_names, ARGV[1])
if not report or tonumber(report) < tonumber(ARGV[2]) then return "unreported" end
local known_count, known_piece = unpack(call("HMGET", k_evidence(report), "count", index))
if known_count and known_count ~= count then return "taken" end
if known_piece then return known_piece == piece and "stored" or "taken" end
if not known_count then
  local case = call("HGET", k_reports_case, report) or ""
  call("HSET", k_evidence(report), "case", case, "count", count, "commitments", ARGV[6])
  call("ZADD", k_evidence_order, report, report)
  call("SADD", k_evidence_of(case), report)
end
call("HSET", k_evidence(report), index, piece)
call("HINCRBY", k_evidence(report), "received", 1)
if call("INCR", k_evidence_pieces) > max then drop_oldest_but(report) end
return "stored"
