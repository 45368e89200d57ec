-- The open sessions and the running matches, by the number of the event with which they began, and the events of their
-- beginning and end. What is not listed had no beginning in the log, or has ended, so that each end is logged once.
-- uses events

local k_sessions = base .. ":sessions"
local k_matches = base .. ":matches"

-- The person that a party is, or an empty string: the log does not name browsers.
local function person_name(party) return string.match(party or "", "^~.+") or "" end

local function log_opened(session_id, party, now_ms)
  local number = log_event(string.format(RULES.log_session_opened, session_id, person_name(party)), now_ms)
  call("ZADD", k_sessions, number, session_id)
end

local function log_closed(session_id, person, reason, now_ms)
  local opened = call("ZSCORE", k_sessions, session_id)
  if not opened then return end
  call("ZREM", k_sessions, session_id)
  local duration_ms = exact(math.max(0, now_ms - math.floor(tonumber(opened) / 1000)))
  log_event(string.format(RULES.log_session_closed, session_id, person or "", reason, duration_ms), now_ms)
end

-- The sides are { id, party }.
local function log_began(match_id, offerer, answerer, relay, now_ms)
  local event = string.format(
    RULES.log_match_began, match_id, offerer.id, person_name(offerer.party), answerer.id, person_name(answerer.party),
    relay
  )
  call("ZADD", k_matches, log_event(event, now_ms), match_id)
end

-- The match is { id, start, relay, answered }. The initiator is a role, or empty.
local function log_ended(match, reason, initiator, offerer, answerer, now_ms)
  if call("ZREM", k_matches, match.id) == 0 then return end
  local answered = tostring(match.answered or false)
  local event = string.format(
    RULES.log_match_ended, match.id, reason, initiator, offerer.id, person_name(offerer.party),
    answerer.id, person_name(answerer.party), match.relay, answered, exact(now_ms - match.start)
  )
  log_event(event, now_ms)
end
