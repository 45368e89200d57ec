import type { BanNotice } from "./appeal.js";

/** The reasons for refusing a command. A reason without a code does not compile. */
export type Reason =
  /** No token, or one that this server did not sign. */
  | "token_invalid"
  /** The token is valid, but its session is over. */
  | "session_unknown"
  /** Sessions require an identity token. */
  | "identity_required"
  /** The identity token is not valid, or not for this session; `problem` says why. */
  | "identity_refused"
  /** There is no key to verify identity tokens with. */
  | "identity_unavailable"
  /** The person has as many sessions as are allowed, and those stay. */
  | "already_connected"
  /** The person uses another session than the one that this one would replace. */
  | "superseded"
  /** The match is over or not the caller's. */
  | "match_over"
  /** A client sequence is missing. */
  | "sequence_gap"
  /** A field's value is not allowed; `field` names it. */
  | "field_invalid"
  /** A relayed call was requested, but no relay is configured. */
  | "relay_unavailable"
  /** A rate or a limit is exhausted; `retryAfterMs` is the retry delay. */
  | "limit_reached"
  /** New sessions take work now; `challenge` is what to solve, and `problem` what is wrong with the solution. */
  | "challenge"
  /** The caller's network is banned until `expiresMs`. */
  | "banned"
  /** No such ban is in force on the caller. */
  | "ban_unknown"
  /** Somebody has appealed against the ban. */
  | "appeal_exists"
  /** There is no such appeal. */
  | "appeal_unknown"
  /** The appeal was decided otherwise. */
  | "appeal_over"
  /** The app or a moderator denies this to the caller; `problem` is the restriction. */
  | "restricted"
  /** There is no such person. */
  | "person_unknown"
  /** There is no such report. */
  | "report_unknown"
  /** There is no such action. */
  | "action_unknown"
  /** An action on a network would hit more people than `MODERATION_NETWORK_LIMIT`. */
  | "network_crowded"
  /** There is no such case. */
  | "case_unknown"
  /** Another moderator reviews the case. */
  | "case_taken"
  /** The case is resolved. */
  | "case_over"
  /** The moderator must claim the case first. */
  | "case_unclaimed"
  /** The request does not say which moderator makes it. */
  | "moderator_required"
  /** Reports may contain no evidence. */
  | "evidence_off"
  /** The report has another evidence. */
  | "evidence_taken"
  /** The report has no complete evidence. */
  | "evidence_unknown"
  /** The request does not come from where operators are known. */
  | "operator_refused"
  /** The operator's role does not allow this; `problem` is the role that does. */
  | "role_required"
  /** There is no such tip, or it is not the caller's. */
  | "tip_unknown"
  /** Another tip has that id. */
  | "tip_taken"
  /** The tip is final, or not in the required state. */
  | "tip_over"
  /** Only the other side of the tip may do this. */
  | "tip_side"
  /** The invoice's payment hash is already in use. */
  | "invoice_used"
  /** The session needs a deposit before it is matched. */
  | "deposit_required"
  /** There is no such deposit. */
  | "deposit_unknown"
  /** The deposit is not held. */
  | "deposit_over"
  /** This server asks for no deposits. */
  | "deposits_off"
  /** Tips are disabled on this server. */
  | "tips_off"
  /** No Lightning node of the operator is configured. */
  | "node_missing"
  /** The operator's node does not answer. */
  | "node_away"
  /** The operator's node did not do what was asked; the message is its own. */
  | "node_refused"
  /** The policy for the operator's node does not allow it; `problem` is the rule. */
  | "policy_refused"
  /** Somebody else changed that policy meanwhile. */
  | "policy_changed"
  /** The operator's node knows no such channel. */
  | "channel_unknown"
  /** Events after a cursor are no longer kept. */
  | "cursor_expired"
  /** The page's origin is not allowed. */
  | "origin_denied"
  /** This instance is shutting down. */
  | "draining"
  /** The store is unavailable. */
  | "store_away"
  /** The store is full. */
  | "store_full";

export interface ErrorContext {
  /** Path of the refused field, such as `signals[0].description.sdp`. */
  field?: string;
  /** The kind of problem, for programs. */
  problem?: string;
  /** The retry delay, in milliseconds. */
  retryAfterMs?: number;
  /** When the reason ceases to apply. */
  expiresMs?: number;
  /** The ban that the caller is refused for. */
  ban?: BanNotice;
  /** What the client has to solve. */
  challenge?: string;
}

/** A broken precondition. The message says how to resolve it. */
export class DomainError extends Error {
  override readonly name = "DomainError";

  constructor(
    readonly reason: Reason,
    message: string,
    readonly context: ErrorContext = {},
  ) {
    super(message);
  }
}

/** Whether an error means that the store is unavailable. The call itself is valid and may be retried. */
export function isStoreAway(error: unknown): boolean {
  return error instanceof DomainError && (error.reason === "store_away" || error.reason === "store_full");
}
