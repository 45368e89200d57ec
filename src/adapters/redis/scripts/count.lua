-- Counts sessions, waiting sessions and matches.
-- KEYS 1 realm
-- returns { sessions, waiting, matches }
-- uses objects

local count = counts()
return { count.sessions or 0, count.waiting or 0, count.matches or 0 }
