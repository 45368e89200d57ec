import type { Action, Lift } from "./action.js";
import type { AppealOutcome } from "./appeal.js";
import type { Ban } from "./ban.js";
import type { CaseOutcome, Moderator } from "./case.js";
import type { AddressKey, BanId, MatchId, NetworkKey, PersonKey, SessionId, TipId } from "./ids.js";
import type { Cause, closingCause, Role } from "./match.js";
import { personOf } from "./session-key.js";
import type { ReportReason } from "./report.js";

/** A session, and the key of its person; empty for an anonymous session. */
export interface Participant {
  sessionId: SessionId;
  personKey: PersonKey | "";
}

/**
 * Why something ended of which the server lost track: it was killed (`server_lost`), or stopped while the session was
 * open (`server_stopped`). Sessions in Redis outlive their server, so neither occurs there.
 */
export type ServerEnd = "server_lost" | "server_stopped";

/** Why a session was closed. */
export type SessionEnd = keyof typeof closingCause | ServerEnd;

/** What ended a match, named after the initiator's action. */
export type MatchEnd = Cause | ServerEnd;

interface Pair {
  matchId: MatchId;
  offerer: Participant;
  answerer: Participant;
  /** Whether the call had to be relayed. If not, browsers decide, and the server does not learn it. */
  relayOnly: boolean;
}

/** What happened in a realm, for the app's backend. Every `opened` and `began` is followed by one end. */
export type LogEvent =
  | { type: "session_opened"; session: Participant }
  | { type: "session_closed"; session: Participant; reason: SessionEnd; durationMs: number }
  | ({ type: "match_began" } & Pair)
  | ({
      type: "match_ended";
      reason: MatchEnd;
      /** The side that caused the end; empty if neither did. */
      initiator: Role | "";
      /** Whether one side answered an offer of the other. */
      answered: boolean;
      durationMs: number;
    } & Pair)
  | {
      type: "report_filed";
      /** The number of the report. */
      report: number;
      reporterId: SessionId;
      reporterKey: NetworkKey;
      reportedKey: NetworkKey;
      matchId: MatchId;
      reason: ReportReason;
    }
  /** A report about somebody without an unresolved case opened one. */
  | { type: "case_opened"; case: number; reportedKey: AddressKey; reason: ReportReason }
  | { type: "case_resolved"; case: number; reportedKey: AddressKey; outcome: CaseOutcome }
  | { type: "banned"; ban: Ban }
  | { type: "unbanned"; addressKey: AddressKey }
  | { type: "appeal_filed"; banId: BanId; addressKey: AddressKey }
  | { type: "appeal_decided"; banId: BanId; addressKey: AddressKey; outcome: AppealOutcome; by: Moderator }
  | { type: "action_taken"; action: Action }
  /** With the action as it was taken. */
  | { type: "action_lifted"; action: Action; lift: Lift }
  /** A warning, as it was taken. */
  | { type: "action_acknowledged"; action: Action }
  | {
      /** The payer proved the payment, or the payee said that the money arrived. */
      type: "tip_settled" | "tip_received";
      tipId: TipId;
      matchId: MatchId;
      payerId: SessionId;
      payeeId: SessionId;
      amountMsat: number;
      /** The keys of the two people; empty for an anonymous side, undefined in events of older versions. */
      payerPerson?: PersonKey | "" | undefined;
      payeePerson?: PersonKey | "" | undefined;
    }
  /** This many events could not be stored. They are pairs of a begin and its end. */
  | { type: "events_lost"; count: number };

export type LogEventType = LogEvent["type"];

/** An event that happened, before it is stored. */
export interface DatedEvent {
  event: LogEvent;
  atMs: number;
}

/** An event in the log. Numbers rise in the order of the log. */
export interface NumberedEvent extends DatedEvent {
  number: number;
}

/**
 * The ID of an event, which no other event has. It derives from what happened, so that an event that is stored again
 * keeps its ID. Without full stops, as signatures of webhooks require.
 */
export function eventIdOf({ number, event }: NumberedEvent): string {
  return `${event.type}_${subjectOf(event) ?? String(number)}`.replaceAll(".", "~");
}

/** What an event is about, if nothing else of its type can happen to it. */
function subjectOf(event: LogEvent): string | undefined {
  switch (event.type) {
    case "session_opened":
    case "session_closed":
      return event.session.sessionId;
    case "match_began":
    case "match_ended":
      return event.matchId;
    case "tip_settled":
    case "tip_received":
      return event.tipId;
    case "report_filed":
      return String(event.report);
    case "action_taken":
    case "action_lifted":
    case "action_acknowledged":
      return event.action.id;
    case "case_opened":
    case "case_resolved":
      return String(event.case);
    case "appeal_filed":
    case "appeal_decided":
      return event.banId;
    case "banned":
    case "unbanned":
    case "events_lost":
      return undefined;
  }
}

/** What begins or ends with an event: a session or a match; undefined for another event. */
export function spanOf(event: LogEvent): { kind: "session" | "match"; id: string; begins: boolean } | undefined {
  switch (event.type) {
    case "session_opened":
    case "session_closed":
      return { kind: "session", id: event.session.sessionId, begins: event.type === "session_opened" };
    case "match_began":
    case "match_ended":
      return { kind: "match", id: event.matchId, begins: event.type === "match_began" };
    default:
      return undefined;
  }
}

/** The end of what began with an event, by the server's end; undefined if nothing did. */
export function endedByServer(begin: LogEvent, reason: ServerEnd, durationMs: number): LogEvent | undefined {
  if (begin.type === "session_opened") return { ...begin, type: "session_closed", reason, durationMs };
  if (begin.type !== "match_began") return undefined;
  return { ...begin, type: "match_ended", reason, initiator: "", answered: false, durationMs };
}

/** The people that an event is about. */
export function peopleIn(event: LogEvent): PersonKey[] {
  switch (event.type) {
    case "session_opened":
    case "session_closed":
      return known(event.session.personKey);
    case "match_began":
    case "match_ended":
      return known(event.offerer.personKey, event.answerer.personKey);
    case "report_filed":
    case "case_opened":
    case "case_resolved":
      return known(personOf(event.reportedKey));
    case "banned":
      return known(personOf(event.ban.addressKey));
    case "unbanned":
    case "appeal_filed":
    case "appeal_decided":
      return known(personOf(event.addressKey));
    case "action_taken":
    case "action_lifted":
    case "action_acknowledged":
      return known(personOf(event.action.addressKey));
    case "tip_settled":
    case "tip_received":
      return known(event.payerPerson, event.payeePerson);
    case "events_lost":
      return [];
  }
}

function known(...keys: (PersonKey | "" | undefined)[]): PersonKey[] {
  return keys.filter((key): key is PersonKey => key !== undefined && key !== "");
}
