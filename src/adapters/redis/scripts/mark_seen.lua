-- Marks reports of a person or a browser as seen.
-- KEYS 1 realm
-- ARGV 1 person or browser, 2… numbers of reports
-- uses records

for index = 2, #ARGV do call("ZREM", k_reports_unseen(ARGV[1]), ARGV[index]) end
