-- uses records

-- The ledger of tips. Tips are stored as JSON of TypeScript by their IDs; no amount is read or written here.

local k_tips = base .. ":tips"
local k_tip_hashes = base .. ":tips:hashes"
local k_tip_totals = base .. ":tips:totals"

-- Sorted IDs of tips. "all", "match:…" and "session:…" are sorted by the number of the latest change, "open" and
-- "open:…" (of a payer) by deadline, "kept" (final tips) by when they may be deleted, and "pending" (tips with a
-- pending notification) by the time of the change.
local function k_tip_list(name) return base .. ":tips:list:" .. name end

local function tip_lists(match_id, payer, payee)
  return {
    k_tip_list("all"), k_tip_list("match:" .. match_id),
    k_tip_list("session:" .. payer), k_tip_list("session:" .. payee),
  }
end

-- The number of a tip's latest change, or nil.
local function tip_number(id)
  local number = call("ZSCORE", k_tip_list("all"), id)
  return number and exact(number) or nil
end
