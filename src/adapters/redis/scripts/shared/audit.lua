-- The audit log: a Redis stream of entries (JSON). Entries are only appended, and dropped by age.
-- uses records

local k_audit = base .. ":audit"

local function log_act(entry, now_ms)
  local id = next_number("audit", now_ms) .. "-0"
  call("XADD", k_audit, "MAXLEN", "~", RULES.kept_audit_entries, id, "entry", entry, "at", exact(now_ms))
end
