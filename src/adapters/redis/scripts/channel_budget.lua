-- Returns what is booked for a day.
-- KEYS 1 realm
-- ARGV 1 day
-- returns { opens, fees }
-- uses channels

local opens, fees = used_on(ARGV[1])
return { exact(opens), exact(fees) }
