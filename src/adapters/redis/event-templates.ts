import type { AuditAct } from "../../core/audit.js";
import type { Event, Snapshot } from "../../core/event.js";
import type { Progress } from "../../ports/webhook-store.js";
import type { Ending } from "../../core/guest.js";
import type { LogEvent } from "../../core/log-event.js";

/** Placeholder for a value that a script fills in as JSON. Typed `never`, so that it fits any field. */
const VALUE = "%json" as never;

/** Placeholder for an ID or another word that needs no escaping. */
const WORD = "%s" as never;

const wait = {
  sinceMs: VALUE,
  waitingCount: VALUE,
  widened: VALUE,
  onlyRecentPartners: VALUE,
  estimatedWaitMs: undefined, // added by the script when known
};

const participant = { sessionId: WORD, personKey: WORD };
const pair = { offerer: participant, answerer: participant, relayOnly: VALUE };

/** The events, snapshots, entries of the log and other records that scripts create. A script may add an optional field. */
const shapes = {
  event_waiting: { type: "waiting", ...wait },
  event_matched: {
    type: "matched",
    matchId: WORD,
    role: WORD,
    sharedInterests: VALUE,
    relayOnly: VALUE,
    sinceMs: VALUE,
  },
  event_signaled: {
    type: "signaled",
    matchId: WORD,
    relayOnly: VALUE,
    described: VALUE,
    signals: undefined as never, // added where the event is stored and sent, as it is long
  },
  event_partner_away: { type: "partner_away", matchId: WORD, deadlineMs: VALUE },
  event_partner_back: { type: "partner_back", matchId: WORD },
  event_match_ended: { type: "match_ended", matchId: WORD, reason: WORD, requeued: VALUE },
  ending: { cause: WORD, initiator: WORD },
  post: { clientSequence: VALUE, hasOffer: VALUE, hasAnswer: VALUE },
  snapshot_idle: { state: "idle" },
  snapshot_waiting: { state: "waiting", ...wait },
  snapshot_matched: {
    state: "matched",
    matchId: WORD,
    role: WORD,
    partnerPresent: VALUE,
    clientSequence: VALUE,
    sharedInterests: VALUE,
    relayOnly: VALUE,
    startMs: VALUE,
  },
  log_session_opened: { type: "session_opened", session: participant },
  log_session_closed: { type: "session_closed", session: participant, reason: WORD, durationMs: VALUE },
  log_match_began: { type: "match_began", matchId: WORD, ...pair },
  log_match_ended: {
    type: "match_ended",
    matchId: WORD,
    reason: WORD,
    initiator: WORD,
    ...pair,
    answered: VALUE,
    durationMs: VALUE,
  },
  log_report_filed: {
    type: "report_filed",
    report: VALUE,
    reporterId: WORD,
    reporterKey: WORD,
    reportedKey: WORD,
    matchId: WORD,
    reason: WORD,
  },
  log_case_opened: { type: "case_opened", case: VALUE, reportedKey: WORD, reason: WORD },
  log_case_resolved: { type: "case_resolved", case: VALUE, reportedKey: WORD, outcome: WORD },
  audit_case_opened: { act: "case_opened", by: "", case: VALUE, detail: WORD },
  audit_evidence_opened: { act: "evidence_opened", by: WORD, case: VALUE, report: VALUE, detail: "" },
  audit_banned: { act: "banned", by: "", case: VALUE, detail: WORD },
  log_banned: { type: "banned", ban: VALUE },
  log_unbanned: { type: "unbanned", addressKey: WORD },
  log_appeal_filed: { type: "appeal_filed", banId: WORD, addressKey: WORD },
  log_appeal_decided: { type: "appeal_decided", banId: WORD, addressKey: WORD, outcome: WORD, by: WORD },
  audit_appeal_filed: { act: "appeal_filed", by: "", detail: WORD },
  audit_appeal_upheld: { act: "appeal_upheld", by: WORD, detail: WORD },
  audit_appeal_reversed: { act: "appeal_reversed", by: WORD, detail: WORD },
  log_action_taken: { type: "action_taken", action: VALUE },
  log_action_lifted: { type: "action_lifted", action: VALUE, lift: VALUE },
  log_action_acknowledged: { type: "action_acknowledged", action: VALUE },
  log_tip: {
    type: WORD,
    tipId: WORD,
    matchId: WORD,
    payerId: WORD,
    payeeId: WORD,
    amountMsat: VALUE,
    payerPerson: WORD,
    payeePerson: WORD,
  },
  webhook_start: { number: VALUE, failures: 0, failingSinceMs: 0, nextAttemptMs: 0, problem: "" },
} satisfies Record<`event_${string}`, Event> &
  Record<`snapshot_${string}`, Snapshot> &
  Record<"ending", Ending> &
  Record<"post", Extract<Event, { type: "signaled" }>["post"]> &
  Record<`log_${string}`, LogEvent> &
  Record<`audit_${string}`, AuditAct> &
  Record<`webhook_${string}`, Progress>;

/**
 * Templates for Lua's `string.format`, with a `%s` for each value in the order above. `cjson.encode` is slower, rounds
 * numbers to 14 digits, and would need parts that are already JSON to be decoded first.
 */
export const eventTemplates: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(shapes).map(([name, shape]) => [name, JSON.stringify(shape).replaceAll('"%json"', "%s")]),
);
