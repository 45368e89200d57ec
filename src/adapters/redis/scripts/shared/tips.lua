-- uses records

-- The books of tips. Tips are JSON by their ids, in the words of TypeScript: no amount is read or written here.

local k_tips = base .. ":tips"
local k_tip_hashes = base .. ":tips:hashes"
local k_tip_totals = base .. ":tips:totals"

-- Ids of tips in an order. By the number of their change: "all", "match:…", "session:…"; open ones by their deadline:
-- "open", and those of a payer, "open:…"; final ones by when they may be forgotten: "kept"; those whose change was not
-- told yet by its time: "untold".
local function k_tip_list(name) return base .. ":tips:list:" .. name end

local function tip_lists(match_id, payer, payee)
  return { k_tip_list("all"), k_tip_list("match:" .. match_id), k_tip_list("session:" .. payer), k_tip_list("session:" .. payee) }
end

-- The number of a tip's latest change, or nil.
local function tip_number(id)
  local number = call("ZSCORE", k_tip_list("all"), id)
  return number and exact(number) or nil
end
