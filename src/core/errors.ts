/** Every way a command can be refused. A closed list: a new reason does not compile until it has a code. */
export type Reason =
  /** No token, or one that this server did not sign. */
  | "token_invalid"
  /** The token is genuine, its session is over. */
  | "session_unknown"
  /** The match is over or not the caller's. */
  | "match_over"
  /** A client sequence was left out. */
  | "sequence_gap"
  /** A field's value is not allowed; `field` names it. */
  | "field_invalid"
  /** A relayed call was asked for and no relay is configured. */
  | "relay_unavailable"
  /** A rate or a number is used up; `retryAfterMs` says when to come back. */
  | "limit_reached"
  /** The caller's network is kept out; `expiresMs` says until when. */
  | "banned"
  /** There is no such report. */
  | "report_unknown"
  /** There is no such tip, or it is not the caller's. */
  | "tip_unknown"
  /** Another tip has that id. */
  | "tip_taken"
  /** The tip is final, or not that far. */
  | "tip_over"
  /** What the other side of the tip may do. */
  | "tip_side"
  /** The invoice's payment hash was used before. */
  | "invoice_used"
  /** There are no tips on this server. */
  | "tips_off"
  /** The page's origin is not on the list. */
  | "origin_denied"
  /** This instance is going away. */
  | "draining"
  /** The store cannot be reached. */
  | "store_away"
  /** The store has no room for what is to be kept. */
  | "store_full";

export interface ErrorContext {
  /** Path of the refused field, such as `signals[0].description.sdp`. */
  field?: string;
  /** What is wrong with the field, for programs. */
  problem?: string;
  /** After how many milliseconds a retry makes sense. */
  retryAfterMs?: number;
  /** When what stands in the way ends by itself. */
  expiresMs?: number;
}

/** A broken precondition. Its message says what a person can do about it. */
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

/** Whether an error says that the store cannot serve: nothing is wrong with the call, and it may be repeated. */
export function isStoreAway(error: unknown): boolean {
  return error instanceof DomainError && (error.reason === "store_away" || error.reason === "store_full");
}
