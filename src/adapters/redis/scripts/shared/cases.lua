-- Cases, the queues that they are in, and the accuracy of reporters. A case is a hash: key, reason, weight, reporters,
-- reports, notes, opened, reported, revision, and those that apply of: leased_by and leased_until, resolution (JSON)
-- and resolved_by.
-- uses evidence

local k_unresolved = base .. ":cases:unresolved"
local k_case_changes = base .. ":cases:changes"
local function k_case(number) return base .. ":cases:" .. number end
local function k_case_reporters(number) return k_case(number) .. ":reporters" end
local function k_case_notes(number) return k_case(number) .. ":notes" end
local function k_case_queue(name) return base .. ":cases:queue:" .. name end
local function k_tally(reporter) return base .. ":cases:tally:" .. reporter end

-- The fields of a case, or nil if there is none.
local function read_case(number)
  local found = call("HGETALL", k_case(number))
  if #found == 0 then return nil end
  local case = { number = number }
  for index = 1, #found, 2 do case[found[index]] = found[index + 1] end
  return case
end

-- Where a case is in a queue: its priority, `priorityOf` of `core/case.ts`, counted down, and its number.
local function place_of(case)
  local priority = math.floor(RULES.severities[case.reason] * math.sqrt(tonumber(case.weight)))
  return string.format("%07d", 9999999 - priority) .. string.rep("0", 17 - #case.number) .. case.number
end

-- `queuesOf` of `core/case.ts`.
local function queues_of(case)
  local about = "about " .. case.key
  if case.resolution then
    return { about, "resolved", "resolved " .. case.reason, "resolved by " .. case.resolved_by }
  end
  local queues = { about, "unresolved", "unresolved " .. case.reason }
  if case.leased_by then
    queues[4] = "unresolved leased"
    queues[5] = "unresolved by " .. case.leased_by
  end
  return queues
end

local function unfile_case(case)
  for _, queue in ipairs(queues_of(case)) do call("ZREM", k_case_queue(queue), place_of(case)) end
end

-- Files the next state of a case, and gives it a revision of its own.
local function file_case(case, now_ms)
  case.revision = next_number("case-change", now_ms)
  call("HSET", k_case(case.number), "revision", case.revision)
  call("ZADD", k_case_changes, case.revision, case.number)
  for _, queue in ipairs(queues_of(case)) do call("ZADD", k_case_queue(queue), 0, place_of(case)) end
end

local function drop_case(number)
  local case = read_case(number)
  if not case then return end
  unfile_case(case)
  drop_evidence_of(number)
  call("ZREM", k_case_changes, number)
  if call("HGET", k_unresolved, case.key) == number then call("HDEL", k_unresolved, case.key) end
  call("DEL", k_case(number), k_case_reporters(number), k_case_notes(number))
end
