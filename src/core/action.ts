import { createHash } from "node:crypto";
import type { Moderator } from "./case.js";
import type { ActionId, AddressKey } from "./ids.js";
import { RESTRICTIONS, type Standing } from "./standing.js";

/** What a moderator may do about somebody, short of a ban. */
export const ACTION_KINDS = ["warn", ...RESTRICTIONS] as const;
export type ActionKind = (typeof ACTION_KINDS)[number];

/** Something that a moderator did about a person, a browser or everybody on a network, until `expiresMs`. */
export interface Action {
  id: ActionId;
  kind: ActionKind;
  addressKey: AddressKey;
  /** Why, for moderators. */
  reason: string;
  /** What a warning says, or the message of the errors that it causes; empty for a generic one. */
  statement: string;
  /** Who took it. */
  by: Moderator;
  createdMs: number;
  expiresMs: number;
  /** Undefined if it was not lifted early. */
  lift?: Lift | undefined;
  /** When those warned acknowledged it. Undefined until then, and for other kinds. */
  acknowledgedMs?: number | undefined;
}

export interface Lift {
  liftedMs: number;
  by: Moderator;
}

/** What those warned learn of a warning. */
export interface Warning {
  actionId: ActionId;
  statement: string;
  createdMs: number;
}

/** Who acknowledges a warning, and when. */
export interface Acknowledgement {
  /** The keys of the person and of the browser. */
  keys: readonly AddressKey[];
  acknowledgedMs: number;
}

/** How long an action is stored after it ended, in milliseconds. */
export const ACTION_KEPT_MS = 90 * 24 * 60 * 60_000;

/** The ID of the action of a request, by which a repeated one finds it: 22 characters of base64url. */
export function actionIdOf(requestId: string): ActionId {
  const hash = createHash("sha256").update(`satoshigle action ${requestId}`).digest();
  return hash.subarray(0, 16).toString("base64url") as ActionId;
}

/** Whether two actions were taken by the same request, at whatever time. */
export function isSameRequest(one: Action, other: Action): boolean {
  const termsOf = ({ kind, addressKey, reason, statement, by, createdMs, expiresMs }: Action) =>
    JSON.stringify([kind, addressKey, reason, statement, by, expiresMs - createdMs]);
  return termsOf(one) === termsOf(other);
}

export function applies({ lift, expiresMs }: Action, nowMs: number): boolean {
  return lift === undefined && nowMs < expiresMs;
}

/** Whether an action is a warning that has not been acknowledged. */
export function isUnseen({ kind, acknowledgedMs }: Action): boolean {
  return kind === "warn" && acknowledgedMs === undefined;
}

/** Whether it is a warning in force that is about one of those who acknowledge it, for the first time. */
export function isAcknowledgedBy(action: Action, { keys, acknowledgedMs }: Acknowledgement): boolean {
  return isUnseen(action) && applies(action, acknowledgedMs) && keys.includes(action.addressKey);
}

/** An action as it was taken, without what happened to it since. */
export function asTaken(action: Action): Action {
  const { id, kind, addressKey, reason, statement, by, createdMs, expiresMs } = action;
  return { id, kind, addressKey, reason, statement, by, createdMs, expiresMs };
}

/** How long an action is stored. */
export function storedUntilMs({ lift, expiresMs }: Action): number {
  return (lift?.liftedMs ?? expiresMs) + ACTION_KEPT_MS;
}

/** Whether the sessions of those it applies to must end, as what they began before contradicts it. */
export function endsSessions({ kind }: Action): boolean {
  return kind === "text_only" || kind === "quarantine";
}

/** A standing with what actions impose. */
export function withImposed(standing: Standing | undefined, actions: readonly Action[]): Standing | undefined {
  const imposed = RESTRICTIONS.filter((one) => actions.some(({ kind }) => kind === one));
  if (imposed.length === 0) return standing;
  const { attributes, priority, restrictions } = standing ?? { attributes: [], priority: 0, restrictions: [] };
  return { attributes, priority, restrictions: [...new Set([...restrictions, ...imposed])] };
}
