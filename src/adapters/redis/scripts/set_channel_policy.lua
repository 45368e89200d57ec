-- Replaces the policy for the operator's node.
-- KEYS 1 realm
-- ARGV 1 policy (JSON), 2 revision that it replaces, or empty for any, 3 now (ms), 4 entry of the audit log (JSON),
--   whose detail becomes the revision
-- returns the new revision, or 0 if the policy has another one
-- uses channels, audit

local policy, expected, now_ms, entry = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]

if expected ~= "" and expected ~= channel_revision() then return 0 end
local revision = call("HINCRBY", k_channels, "revision", 1)
call("HSET", k_channels, "policy", policy)
local act = cjson.decode(entry)
act.detail = tostring(revision)
log_act(cjson.encode(act), now_ms)
return revision
