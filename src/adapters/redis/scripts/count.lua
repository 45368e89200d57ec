-- Counts sessions, waiting sessions and matches.
-- KEYS 1 realm
-- returns { sessions, waiting, matches }
-- uses objects

local count = object(k_count)
return { count.sessions or 0, count.waiting or 0, count.matches or 0 }
