-- Stores or removes a node's newest sample.
-- KEYS 1 realm
-- ARGV 1 node, 2 sample (JSON; empty to remove it), 3 now (ms), 4 how long a sample counts (ms)
-- returns the recent samples of all nodes, or nothing after a removal

local node, sample, now_ms, life_ms = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local k_samples = base .. ":samples"

if sample == "" then
  call("HDEL", k_samples, node)
  return {}
end
call("HSET", k_samples, node, exact(now_ms) .. " " .. sample)
call("PEXPIRE", k_samples, life_ms)

local samples, all = {}, call("HGETALL", k_samples)
for index = 1, #all, 2 do
  local at, kept = string.match(all[index + 1], "^(%S+) (.*)$")
  if tonumber(at) > now_ms - life_ms then
    samples[#samples + 1] = kept
  else
    call("HDEL", k_samples, all[index])
  end
end
return samples
