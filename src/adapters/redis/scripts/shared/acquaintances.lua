-- Whom a session met: whom it avoids, and whom it may still report.

local function k_avoided(id) return base .. ":avoided:" .. id end
local function k_past(id) return base .. ":past:" .. id end
local function k_reported(id) return base .. ":reported:" .. id end

local function avoided_until(a, b, now_ms)
  local until_ms = math.max(
    tonumber(call("ZSCORE", k_avoided(a), b) or 0),
    tonumber(call("ZSCORE", k_avoided(b), a) or 0)
  )
  if until_ms > now_ms then return until_ms end
  return nil
end

local function avoid(session_id, partner_id, until_ms, now_ms)
  local avoided = k_avoided(session_id)
  call("ZADD", avoided, exact(until_ms), partner_id)
  call("ZREMRANGEBYSCORE", avoided, "-inf", exact(now_ms))
  local excess = call("ZCOUNT", avoided, "-inf", "(inf") - RULES.recent_partners
  if excess > 0 then call("ZREMRANGEBYRANK", avoided, 0, excess - 1) end
end

local function avoid_each_other(a, b, until_ms, now_ms)
  avoid(a, b, until_ms, now_ms)
  avoid(b, a, until_ms, now_ms)
end

-- Keeps what a report of a match that ended needs: who the partner was, on which network, when it began, and whether both
-- sides were heard.
local function remember(session_id, match, partner_id, now_ms)
  local past, address = k_past(session_id), call("HGET", k_session(partner_id), "address") or ""
  call("ZADD", past, exact(now_ms), match.id .. " " .. partner_id .. " " .. address .. " " .. match.start .. " " .. match.both_heard)
  call("ZREMRANGEBYSCORE", past, "-inf", "(" .. exact(now_ms - RULES.reportable_ms))
  call("ZREMRANGEBYRANK", past, 0, -RULES.past_matches - 1)
end

-- Whom a match that ended was with, on which network, when it began, and whether both sides were heard; nothing when it was not the session's, or is too
-- long ago.
local function past_match(session_id, match_id, now_ms)
  local from = exact(now_ms - RULES.reportable_ms)
  for _, entry in ipairs(call("ZRANGEBYSCORE", k_past(session_id), from, "+inf")) do
    local id, partner, address, start, both_heard = string.match(entry, "^(%S+) (%S+) (%S*) (%S+) ([01])$")
    if id == match_id then return partner, address, start, both_heard end
  end
end
