-- Adds a new tip, if there is room for it.
-- KEYS 1 realm
-- ARGV 1 tip id, 2 tip (JSON), 3 match id, 4 payer, 5 payee, 6 now (ms), 7 deadline (ms), 8 max open tips of a payer,
--      9 max tips of a network in a day, 10 max tips, 11 the day, 12… networks
-- returns { "added", number } | { "known", number, tip (JSON) } | { "too_many" } | { "used_up" } | { "full" }
-- uses writing

local id, json, match_id, payer, payee = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local now_ms, deadline_ms = ARGV[6], ARGV[7]
local max_open, max_of_network, max_tips = tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
local networks, k_of_networks = { unpack(ARGV, 12) }, base .. ":tips:networks:" .. ARGV[11]
-- Longer than the day lasts on any instance's clock.
local DAY_KEPT_S = 2 * 24 * 60 * 60

local function refusal()
  if call("ZCARD", k_tip_list("open:" .. payer)) >= max_open then return "too_many" end
  for _, key in ipairs(networks) do
    if tonumber(call("HGET", k_of_networks, key) or 0) >= max_of_network then return "used_up" end
  end
  if call("HLEN", k_tips) >= max_tips then return "full" end
end

local known = tip_number(id)
if known then return { "known", known, call("HGET", k_tips, id) } end
local refused = refusal()
if refused then return { refused } end
for _, key in ipairs(networks) do call("HINCRBY", k_of_networks, key, 1) end
if #networks > 0 then call("EXPIRE", k_of_networks, DAY_KEPT_S) end
local tip = { id = id, json = json, match = match_id, payer = payer, payee = payee, changed_ms = now_ms }
tip.is_open, tip.until_ms = true, deadline_ms
return { "added", write_tip(tip) }
