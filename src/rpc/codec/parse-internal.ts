import { durationMs, type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type ListMatchesRequest,
  type ListSessionsRequest,
  SessionRecord_State,
} from "../../../gen/satoshigle/internal/v1/admin_pb.js";
import type { EventType } from "../../../gen/satoshigle/internal/v1/event_log_pb.js";
import type { BanRequest } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import { Scope as WireScope } from "../../../gen/satoshigle/internal/v1/monitoring_pb.js";
import {
  type GetTotalsRequest,
  type ListTipsRequest,
  TipRecord_State,
} from "../../../gen/satoshigle/internal/v1/payment_pb.js";
import type { BanCommand, BanTarget } from "../../app/moderation.js";
import type { MatchFilter, SessionFilter } from "../../app/operations.js";
import type { Scope } from "../../app/stats.js";
import type { Moderator } from "../../core/case.js";
import { DomainError } from "../../core/errors.js";
import type { AddressKey, MatchId, SessionId } from "../../core/ids.js";
import type { LogEventType } from "../../core/log-event.js";
import type { TipState, ProvedTotal } from "../../core/tip.js";
import type { TipsOf } from "../../ports/tip-ledger.js";
import { fromToken, type Listing } from "./page-token.js";
import { eventTypes } from "./render-events.js";

/** The page size for requests that leave it unset. */
const DEFAULT_PAGE_SIZE = 100;

export function parsePage(listing: Listing, { pageSize, pageToken }: { pageSize: number; pageToken: string }) {
  return { size: pageSize || DEFAULT_PAGE_SIZE, before: fromToken(listing, pageToken, "page_token") };
}

/** The number after which a watched list continues. */
export function parsePosition(listing: Listing, { cursor }: { cursor: string }): number {
  return fromToken(listing, cursor, "cursor") ?? 0;
}

export function parseBan({ reason, statement, duration, force, ...target }: BanRequest, by: Moderator): BanCommand {
  const said = { reason, statement };
  return { target: parseBanTarget(target), ...said, durationMs: duration && durationMs(duration), force, by };
}

export function parseBanTarget({ addressKey, subject }: { addressKey: string; subject: string }): BanTarget {
  if ((addressKey === "") === (subject === "")) {
    const message = "subject: exactly one of `address_key` and `subject` is required";
    throw new DomainError("field_invalid", message, { field: "subject" });
  }
  return subject === "" ? { addressKey: addressKey as AddressKey } : { subject };
}

/** Undefined for the current time. */
export function parseTime(time: Timestamp | undefined): number | undefined {
  return time && timestampMs(time);
}

export function parseScope(scope: WireScope): Scope {
  return scope === WireScope.CLUSTER ? "cluster" : "instance";
}

/** The time of the last snapshot seen; undefined without a cursor. */
export function parseStatsCursor(cursor: string): number | undefined {
  if (cursor === "") return undefined;
  if (/^(0|[1-9]\d{0,14})$/.test(cursor)) return Number(cursor);
  throw new DomainError("field_invalid", "cursor: was not issued by this service", { field: "cursor" });
}

/** The types of events to return; empty for all. */
export function parseEventTypes(types: readonly EventType[]): ReadonlySet<LogEventType> {
  const names = Object.entries(eventTypes).filter(([, type]) => types.includes(type));
  return new Set(names.map(([name]) => name as LogEventType));
}

export function parseSessionFilter({ state: wireState, addressKey, subject }: ListSessionsRequest): SessionFilter {
  const state = sessionStates.get(wireState);
  if (addressKey !== "" && subject !== "") {
    const message = "subject: `address_key` and `subject` exclude each other";
    throw new DomainError("field_invalid", message, { field: "subject" });
  }
  if (subject !== "") return { state, of: { subject } };
  return { state, of: addressKey === "" ? undefined : { addressKey: addressKey as AddressKey } };
}

export function parseMatchFilter({ olderThan, answered }: ListMatchesRequest): MatchFilter {
  return { olderThanMs: olderThan === undefined ? 0 : durationMs(olderThan), answered };
}

const sessionStates = new Map<SessionRecord_State, SessionFilter["state"]>([
  [SessionRecord_State.IDLE, "idle"],
  [SessionRecord_State.WAITING, "waiting"],
  [SessionRecord_State.MATCHED, "matched"],
]);

export function parseTipsOf({ of }: ListTipsRequest): TipsOf | undefined {
  if (of.case === "matchId") return { matchId: of.value as MatchId };
  return of.case === "sessionId" ? { sessionId: of.value as SessionId } : undefined;
}

export function parseTipState(state: TipRecord_State): TipState | undefined {
  return tipStates.get(state);
}

/** The names of the totals that a request asks for. */
export function parseTotals({ of }: GetTotalsRequest): { given: ProvedTotal; received?: ProvedTotal } {
  switch (of.case) {
    case "sessionId":
      return { given: `given:${of.value}`, received: `received:${of.value}` };
    case "matchId":
      return { given: `match:${of.value}` };
    case "day":
      return { given: `day:${of.value}` };
    case undefined:
      throw new DomainError("field_invalid", "of: exactly one field is required", { field: "of" });
  }
}

const tipStates = new Map<TipRecord_State, TipState>([
  [TipRecord_State.OFFERED, "offered"],
  [TipRecord_State.INVOICED, "invoiced"],
  [TipRecord_State.RECEIVED, "received"],
  [TipRecord_State.SETTLED, "settled"],
  [TipRecord_State.DECLINED, "declined"],
  [TipRecord_State.CANCELLED, "cancelled"],
  [TipRecord_State.EXPIRED, "expired"],
]);

/** Returns the name of a wire value; undefined if it has none. */
export function named<Name extends string, Wire>(names: Record<Name, Wire>, wire: Wire): Name | undefined {
  return (Object.keys(names) as Name[]).find((name) => names[name] === wire);
}
