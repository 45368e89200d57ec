-- Counts sessions, waiting sessions and matches.
-- KEYS 1 realm
-- returns { sessions, waiting, matches }

local count = fields(k_count, "sessions", "waiting", "matches")
return { count.sessions or 0, count.waiting or 0, count.matches or 0 }
