-- Makes received guests strays.
-- KEYS 1 realm
-- ARGV 1… guests
-- uses guest

for _, guest in ipairs(ARGV) do miss(guest) end
