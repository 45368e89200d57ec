-- How a match ends for one of its sides.
-- uses mail

local function set_idle(session_id) call("HSET", k_session(session_id), "state", "idle", "match", "", "role", "") end

local function append_match_ended(session_id, match_id, reason, requeued, now_ms)
  local event = string.format(RULES.event_match_ended, match_id, reason, tostring(requeued))
  append(session_id, event, 64, now_ms)
end
