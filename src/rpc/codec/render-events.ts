import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type EventParticipantSchema,
  type EventRecordSchema,
  EventType,
  type MatchEndedEventSchema,
  MatchEndedEvent_Reason,
  SessionClosedEvent_Reason,
} from "../../../gen/satoshigle/internal/v1/event_log_pb.js";
import {
  eventIdOf,
  type LogEvent,
  type LogEventType,
  type MatchEnd,
  type NumberedEvent,
  type Participant,
  type SessionEnd,
} from "../../core/log-event.js";
import { banIdOf } from "../../core/appeal.js";
import type { PersonKey } from "../../core/ids.js";
import { narrowestOf } from "../../core/network-key.js";
import { actionKinds } from "./actions.js";
import { appealOutcomes } from "./appeals.js";
import { caseOutcomes } from "./render-cases.js";
import { subjectIn, type Subjects } from "./render-records.js";

type RecordInit = Exclude<MessageInitShape<typeof EventRecordSchema>, { $typeName: string }>;

/** @param subjects those of the people in the event that are stored */
export function renderEvent(numbered: NumberedEvent, subjects: Subjects): RecordInit {
  const { event, atMs } = numbered;
  return {
    eventId: eventIdOf(numbered),
    createTime: timestampFromMs(atMs),
    type: eventTypes[event.type],
    event: renderCase(event, subjects),
  };
}

/** The wire type of each event. */
export const eventTypes = {
  session_opened: EventType.SESSION_OPENED,
  session_closed: EventType.SESSION_CLOSED,
  match_began: EventType.MATCH_BEGAN,
  match_ended: EventType.MATCH_ENDED,
  report_filed: EventType.REPORT_FILED,
  case_opened: EventType.CASE_OPENED,
  case_resolved: EventType.CASE_RESOLVED,
  banned: EventType.BANNED,
  unbanned: EventType.UNBANNED,
  appeal_filed: EventType.APPEAL_FILED,
  appeal_decided: EventType.APPEAL_DECIDED,
  tip_settled: EventType.TIP_SETTLED,
  tip_received: EventType.TIP_RECEIVED,
  events_lost: EventType.EVENTS_LOST,
  action_taken: EventType.ACTION_TAKEN,
  action_lifted: EventType.ACTION_LIFTED,
  action_acknowledged: EventType.ACTION_ACKNOWLEDGED,
} as const satisfies Record<LogEventType, EventType>;

type Case = NonNullable<RecordInit["event"]>;

function renderCase(event: LogEvent, subjects: Subjects): Case {
  switch (event.type) {
    case "session_opened":
      return { case: "sessionOpened", value: { session: renderParticipant(event.session, subjects) } };
    case "session_closed": {
      const [session, reason] = [renderParticipant(event.session, subjects), sessionEnds[event.reason]];
      return { case: "sessionClosed", value: { session, reason, duration: durationFromMs(event.durationMs) } };
    }
    case "match_began":
      return { case: "matchBegan", value: renderPair(event, subjects) };
    case "match_ended":
      return { case: "matchEnded", value: renderMatchEnd(event, subjects) };
    default:
      return renderOther(event, subjects);
  }
}

type OtherEvent = Exclude<LogEvent, { type: "session_opened" | "session_closed" | "match_began" | "match_ended" }>;

function renderOther(event: OtherEvent, subjects: Subjects): Case {
  switch (event.type) {
    case "report_filed": {
      const { report, matchId, reporterId: reporterSessionId, reason } = event;
      const [reporterKey, reportedKey] = [narrowestOf(event.reporterKey), narrowestOf(event.reportedKey)];
      const [reportId, reportedSubject] = [String(report), subjectIn(subjects, reportedKey)];
      const about = { reporterSessionId, reporterKey, reportedKey, reportedSubject };
      return { case: "reportFiled", value: { reportId, matchId, reason, ...about } };
    }
    case "case_opened":
    case "case_resolved":
      return renderCaseEvent(event, subjects);
    case "banned":
    case "unbanned":
    case "appeal_filed":
    case "appeal_decided":
      return renderBanEvent(event, subjects);
    case "action_taken":
    case "action_lifted":
    case "action_acknowledged":
      return renderActionEvent(event, subjects);
    case "tip_settled":
      return { case: "tipSettled", value: renderTipEvent(event, subjects) };
    case "tip_received":
      return { case: "tipReceived", value: renderTipEvent(event, subjects) };
    case "events_lost":
      return { case: "eventsLost", value: { eventCount: BigInt(event.count) } };
  }
}

function renderTipEvent(event: Extract<LogEvent, { type: "tip_settled" | "tip_received" }>, subjects: Subjects) {
  const { tipId, matchId, payerId: payerSessionId, payeeId: payeeSessionId } = event;
  const [payer, payee] = [event.payerPerson ?? "", event.payeePerson ?? ""] as const;
  const people = {
    ...{ payerPersonKey: payer, payerSubject: subjectOf(payer, subjects) },
    ...{ payeePersonKey: payee, payeeSubject: subjectOf(payee, subjects) },
  };
  return { tipId, matchId, payerSessionId, payeeSessionId, amountMsat: BigInt(event.amountMsat), ...people };
}

function renderBanEvent(
  event: Extract<LogEvent, { type: "banned" | "unbanned" | "appeal_filed" | "appeal_decided" }>,
  subjects: Subjects,
): Case {
  const { addressKey } = event.type === "banned" ? event.ban : event;
  const about = { addressKey, subject: subjectIn(subjects, addressKey) };
  switch (event.type) {
    case "banned": {
      const { reason, automatic, expiresMs } = event.ban;
      const said = { reason, automatic, banId: banIdOf(event.ban) };
      return { case: "banned", value: { ...about, ...said, expireTime: timestampFromMs(expiresMs) } };
    }
    case "unbanned":
      return { case: "unbanned", value: about };
    case "appeal_filed":
      return { case: "appealFiled", value: { ...about, banId: event.banId } };
    case "appeal_decided": {
      const { banId, outcome, by: moderator } = event;
      return { case: "appealDecided", value: { ...about, banId, outcome: appealOutcomes[outcome], moderator } };
    }
  }
}

function renderActionEvent(
  event: Extract<LogEvent, { type: "action_taken" | "action_lifted" | "action_acknowledged" }>,
  subjects: Subjects,
): Case {
  const { id: actionId, kind: name, addressKey, reason, statement, by: moderator, expiresMs } = event.action;
  const whose = { actionId, addressKey, subject: subjectIn(subjects, addressKey) };
  if (event.type === "action_acknowledged") return { case: "actionAcknowledged", value: whose };
  const about = { ...whose, kind: actionKinds[name] };
  if (event.type === "action_lifted") {
    return { case: "actionLifted", value: { ...about, moderator: event.lift.by } };
  }
  const expireTime = timestampFromMs(expiresMs);
  return { case: "actionTaken", value: { ...about, reason, statement, moderator, expireTime } };
}

function renderCaseEvent(
  event: Extract<LogEvent, { type: "case_opened" | "case_resolved" }>,
  subjects: Subjects,
): Case {
  const { reportedKey } = event;
  const about = { caseId: String(event.case), reportedKey, reportedSubject: subjectIn(subjects, reportedKey) };
  if (event.type === "case_opened") return { case: "caseOpened", value: { ...about, reason: event.reason } };
  return { case: "caseResolved", value: { ...about, outcome: caseOutcomes[event.outcome] } };
}

function renderMatchEnd(
  event: Extract<LogEvent, { type: "match_ended" }>,
  subjects: Subjects,
): MessageInitShape<typeof MatchEndedEventSchema> {
  const { reason, initiator, answered, durationMs } = event;
  const initiatorSessionId = initiator === "" ? "" : event[initiator].sessionId;
  const end = { reason: matchEnds[reason], initiatorSessionId, answered, duration: durationFromMs(durationMs) };
  return { ...renderPair(event, subjects), ...end };
}

function renderPair(
  { matchId, offerer, answerer, relayOnly }: Extract<LogEvent, { offerer: Participant }>,
  subjects: Subjects,
) {
  const [first, other] = [renderParticipant(offerer, subjects), renderParticipant(answerer, subjects)];
  return { matchId, offerer: first, answerer: other, relayOnly };
}

export function renderParticipant(
  { sessionId, personKey }: Participant,
  subjects: Subjects,
): MessageInitShape<typeof EventParticipantSchema> {
  return { sessionId, personKey, subject: subjectOf(personKey, subjects) };
}

/** Empty for an anonymous side, and for a person who is not stored. */
function subjectOf(key: PersonKey | "", subjects: Subjects): string {
  return (key && subjects.get(key)) ?? "";
}

const sessionEnds = {
  expired: SessionClosedEvent_Reason.EXPIRED,
  banned: SessionClosedEvent_Reason.BANNED,
  superseded: SessionClosedEvent_Reason.SUPERSEDED,
  removed: SessionClosedEvent_Reason.REMOVED,
  server_lost: SessionClosedEvent_Reason.SERVER_LOST,
  server_stopped: SessionClosedEvent_Reason.SERVER_STOPPED,
} as const satisfies Record<SessionEnd, SessionClosedEvent_Reason>;

const matchEnds = {
  left: MatchEndedEvent_Reason.LEFT,
  skipped: MatchEndedEvent_Reason.SKIPPED,
  lost: MatchEndedEvent_Reason.LOST,
  unresponsive: MatchEndedEvent_Reason.UNRESPONSIVE,
  unanswered: MatchEndedEvent_Reason.UNANSWERED,
  reported: MatchEndedEvent_Reason.REPORTED,
  banned: MatchEndedEvent_Reason.BANNED,
  blocked: MatchEndedEvent_Reason.BLOCKED,
  dismissed: MatchEndedEvent_Reason.ENDED_BY_OPERATOR,
  server_lost: MatchEndedEvent_Reason.SERVER_LOST,
  server_stopped: MatchEndedEvent_Reason.SERVER_STOPPED,
} as const satisfies Record<MatchEnd, MatchEndedEvent_Reason>;
