-- Returns the policy for the operator's node, and its revision (JSON); empty if none is set.
-- KEYS 1 realm
-- returns { policy (JSON), revision }
-- uses channels

return { call("HGET", k_channels, "policy") or "", channel_revision() }
