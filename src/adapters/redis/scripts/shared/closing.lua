-- uses parting, nodes, closed, addresses, opened, profiles, guest

local function close(session_id, reason, now_ms)
  local session = session_of(session_id)
  if session.state == "waiting" then leave_queue(session_id) end
  if session.state == "matched" then part(session.match, RULES.closing_cause[reason], session.role, now_ms)() end
  unschedule("session:" .. session_id)
  call("SET", k_closed(session_id), reason, "PX", RULES.closed_ms)
  notify_change(session_id)
  call("SREM", k_attached(session.node), session_id)
  move_to(session_id, session.address, nil)
  local person = person_in(session.address)
  log_closed(session_id, person, reason, now_ms)
  if person and call("EXISTS", k_address(person)) == 0 then call("DEL", k_blocked(person)) end
  count_out(session.opened)
  drop_mail(session_id)
  if is_guest(session_id) then call("ZREM", k_strays, session_id) end
  call("DEL", k_avoided(session_id), k_past(session_id), k_reported(session_id), k_profile(session_id))
  erase(session_of(session_id))
  add(counts(), "sessions", -1)
end
