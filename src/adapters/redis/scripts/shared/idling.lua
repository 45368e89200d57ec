-- How a match ends for one of its sides.
-- uses mail

local function be_idle(session_id) call("HSET", k_session(session_id), "state", "idle", "match", "", "role", "") end

local function tell_end(session_id, match_id, reason, requeued, now_ms)
  tell(session_id, '{"type":"match_ended","matchId":' .. quoted(match_id) .. ',"reason":"' .. reason .. '","requeued":'
    .. tostring(requeued) .. "}", 64, now_ms)
end
