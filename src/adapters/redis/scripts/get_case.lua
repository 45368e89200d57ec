-- Returns a case and its notes.
-- KEYS 1 realm
-- ARGV 1 number
-- returns { { field of the case, value, … }, { number of a note, note (JSON), … } }; both are empty if there is none
-- uses cases

return { call("HGETALL", k_case(ARGV[1])), call("HGETALL", k_case_notes(ARGV[1])) }
