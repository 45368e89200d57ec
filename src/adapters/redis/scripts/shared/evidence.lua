-- Evidence of reports: a hash with the case, the commitments (JSON), the number of pieces, how many have arrived, and
-- each of these (base64) by its index.
-- uses records

local k_evidence_order = base .. ":evidence:order"
-- How many pieces are stored.
local k_evidence_pieces = base .. ":evidence:pieces"
local function k_evidence(report) return base .. ":evidence:" .. report end
local function k_evidence_of(case) return base .. ":evidence:of:" .. case end

local function is_complete(report)
  local count, received = unpack(call("HMGET", k_evidence(report), "count", "received"))
  return count and count == received
end

local function drop_evidence(report)
  local case, received = unpack(call("HMGET", k_evidence(report), "case", "received"))
  if not received then return end
  call("DEL", k_evidence(report))
  call("ZREM", k_evidence_order, report)
  call("DECRBY", k_evidence_pieces, received)
  call("SREM", k_evidence_of(case), report)
end

local function drop_evidence_of(case)
  for _, report in ipairs(call("SMEMBERS", k_evidence_of(case))) do drop_evidence(report) end
end
