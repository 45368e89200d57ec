/** What can go wrong. Every error of the client has one of these codes. */
export type ErrorCode =
  /** The server cannot be reached. The client keeps trying to reconnect. */
  | "server_unreachable"
  /** No stream is opened: a browser allows six HTTP/1.1 connections per host. Once another tab is closed, it is. */
  | "stream_blocked"
  /** The server answers, but its stream does not arrive: a proxy between the two buffers it. */
  | "stream_buffered"
  /** A limit was exceeded, or a challenge could not be solved; see `retryAfterMs`. */
  | "limit_reached"
  /** The server is too busy, or full, for new sessions. The client keeps trying; see `retryAfterMs`. */
  | "overloaded"
  /** Too many streams or sessions come from this network. The client keeps trying; see `retryAfterMs`. */
  | "network_full"
  /** This session was banned. The client does not reconnect. */
  | "banned"
  /** Somebody has appealed against the ban before. */
  | "appeal_exists"
  /** The ban that is appealed against has ended, or does not apply to the caller. */
  | "ban_over"
  /** The same session was opened elsewhere, such as in a duplicated tab. The client does not reconnect. */
  | "replaced"
  /** This server accepts nobody without an identity token. The client does not reconnect. */
  | "identity_required"
  /** The identity token is not accepted; see `problem`. The client does not reconnect. */
  | "identity_refused"
  /** The app's `identity` failed, or the server cannot verify tokens now. The client keeps trying. */
  | "identity_unavailable"
  /** The person uses another session, in another tab or on another device. The client does not reconnect. */
  | "superseded"
  /** The person has as many sessions as the server allows, and it closes none. The client does not reconnect. */
  | "already_connected"
  /** The app ended the sessions of this person. The client does not reconnect. */
  | "removed"
  /** The request is invalid; see `field`. */
  | "invalid"
  /** The match is over. */
  | "match_over"
  /** The origin of this page is not on the server's list. */
  | "origin_denied"
  /** The server asks for a refundable deposit before the first match: see `@satoshigle/client/deposits`. */
  | "deposit_required"
  /** No deposit can be paid, or it does not admit; see `problem`. */
  | "deposit_failed"
  /** The peer connection could not be established, even after restarts. */
  | "call_failed"
  /** Tips are disabled on this server. */
  | "tips_off"
  /** The tip is final, or may already have been paid. */
  | "tip_over"
  /** No wallet is set that supports the operation. */
  | "no_wallet"
  /** The wallet failed to complete the operation. */
  | "wallet_failed"
  /** A part of the client's code that is loaded on demand could not be loaded. The next use tries again. */
  | "not_loaded"
  /** This browser has no WebRTC, or it is disabled. */
  | "no_webrtc"
  /** The partner's client, or this browser, is too old for it. */
  | "not_supported"
  /** The partner, or somebody between the two, broke the rules of the safety code. */
  | "safety_code_refused"
  /** `close` was called. What was under way ends with this error; it is not a fault. */
  | "closed"
  /** Any other error. */
  | "internal";

export interface ErrorDetails {
  field?: string | undefined;
  problem?: string | undefined;
  retryAfterMs?: number | undefined;
  expiresAtMs?: number | undefined;
  cause?: unknown;
}

/** The error that commands reject with and that `error` events carry. Its message is meant for people. */
export class SatoshigleError extends Error {
  override readonly name = "SatoshigleError";
  readonly code: ErrorCode;
  /** The invalid field, such as `preferences.interests`. */
  readonly field: string | undefined;
  /**
   * Why an identity token is not accepted: `expired`, `not_yet_valid`, `signature`, `algorithm`, `key`, `revoked`, `claim`,
   * `malformed` or `not_configured`. A newer server may send others. Also `whole_sats`: the wallet cannot handle the
   * amount. And why a deposit fails: `off`, `node_away`, `node_refused` or `over`.
   */
  readonly problem: string | undefined;
  /** The delay in milliseconds after which a retry makes sense, if the server sent one. */
  readonly retryAfterMs: number | undefined;
  /** When the condition ends, such as a ban (`Date.now()` milliseconds), if the server sent it. */
  readonly expiresAtMs: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.code = code;
    this.field = details.field;
    this.problem = details.problem;
    this.retryAfterMs = details.retryAfterMs;
    this.expiresAtMs = details.expiresAtMs;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown, fallback = String(error)): string {
  return error instanceof Error ? error.message : fallback;
}

/** The error of an action that needs a partner when there is none. */
export function noPartnerError(purpose: string): SatoshigleError {
  return new SatoshigleError("match_over", `There is no partner to ${purpose}.`);
}
