import type { SatoshigleError } from "./errors.js";
import type { Tip, Tips, TipTerms } from "./tips/types.js";

export type { ErrorCode } from "./errors.js";
export type * from "./tips/types.js";

/** What the client reports and accepts. The wire's own messages never appear here, so an app depends on these alone. */

/** Whom to talk with. */
export interface Preferences {
  /** Soft: somebody who shares one comes first. At most 10, each of 1 to 32 characters. */
  interests?: string[];
  /** Hard, two- or three-letter codes such as `en`; none means anyone. At most 5. */
  languages?: string[];
  /** Hide this side's address from the partner by relaying the call. Needs a TURN server. */
  relayOnly?: boolean;
}

/** The way to the server. The call itself is peer to peer and goes on without it. */
export type Connection =
  | { status: "closed" }
  | { status: "connecting" }
  | { status: "online" }
  /** Lost; the next try is at `retryAtMs` (`Date.now()` milliseconds). */
  | { status: "reconnecting"; retryAtMs: number };

/** How the peer connection of the current match stands. */
export type CallStatus =
  /** Negotiating for the first time. */
  | "connecting"
  /** Media flows. */
  | "connected"
  /** It was connected and is being repaired (ICE restart, or the partner reloaded the page). */
  | "reconnecting";

/** The partner's own way to the server. */
export type PartnerPresence =
  | { status: "present" }
  /** Its stream broke; it may return until `deadlineMs` (`Date.now()` milliseconds). The call may still run. */
  | { status: "away"; deadlineMs: number };

/** Who of the two in a relayed call wants to go direct, and so to show the other the own address. */
export type DirectWish = "nobody" | "me" | "partner" | "both";

/** What this side is doing. */
export type Activity =
  | { phase: "idle" }
  | {
      phase: "waiting";
      /** `Date.now()` milliseconds. */
      sinceMs: number;
      /** How many wait, this side included. */
      waitingCount: number;
      /** Expected wait in all; undefined while unknown. */
      estimatedWaitMs: number | undefined;
      /** Nobody shared an interest in time; anyone will do now. */
      widened: boolean;
      /** Only partners of the last minute are left. */
      onlyRecentPartners: boolean;
    }
  | {
      phase: "matched";
      matchId: string;
      sharedInterests: string[];
      call: CallStatus;
      partner: PartnerPresence;
      /** The call must not show addresses: everything goes through a relay. */
      relayOnly: boolean;
      /** Who wants to go direct all the same; see `goDirect`. What came of it, `stats` tells. */
      direct: DirectWish;
      /** False when the server no longer knows this match (it was restarted) while the call goes on. */
      signaled: boolean;
      /** Whether the text channel is open. */
      chatReady: boolean;
    };

/** Everything a page needs to draw itself. A new object for each change. */
export interface State {
  connection: Connection;
  activity: Activity;
  /** What tips may be; `null` when the server has none, or has not said so yet. */
  tips: TipTerms | null;
}

/** Why a match ended, as this side sees it. */
export type EndReason =
  | "left"
  | "partner_left"
  | "partner_skipped"
  | "partner_lost"
  | "unresponsive"
  | "partner_unresponsive"
  | "reported"
  | "banned"
  /** The call ended while the server did not know the match any more. */
  | "call_lost";

/** Why a partner is reported. */
export type ReportReason = "sexual_content" | "harassment" | "violence" | "minor" | "spam" | "other";

/** A line of text chat. */
export interface ChatMessage {
  from: "me" | "partner";
  text: string;
  /** `Date.now()` milliseconds on this side. */
  atMs: number;
}

/** Quality of the running call, from `RTCPeerConnection.getStats`. Undefined: not known yet. */
export interface CallStats {
  /** Round trip between the two browsers, in milliseconds. */
  roundTripMs: number | undefined;
  /** Size of the partner's video as it arrives, in pixels. */
  width: number | undefined;
  height: number | undefined;
  framesPerSecond: number | undefined;
  /** Total frames of the partner's video decoded so far. */
  framesDecoded: number;
  /** Received media in bits per second since the call before. */
  bitsPerSecond: number | undefined;
  /** Share of the partner's packets lost so far, 0 to 1. */
  lossRatio: number | undefined;
  /** Whether media goes directly or through a relay. */
  path: "direct" | "relayed" | undefined;
}

/** Each event with the values its listeners get. */
export interface ClientEvents {
  /** Anything in `state` changed. */
  state: [state: State];
  /** The partner's media arrived, or is gone (`null`). */
  partnerStream: [stream: MediaStream | null];
  /** A new match began. */
  matched: [match: { matchId: string; sharedInterests: string[] }];
  /** A match ended. */
  ended: [end: { matchId: string; reason: EndReason; requeued: boolean }];
  /** A line of text chat, own lines included. */
  message: [message: ChatMessage];
  /** A tip from or to this side is new, or in a new state. */
  tip: [tip: Tip];
  /** Something went wrong that a person should know. */
  error: [error: SatoshigleError];
}

/** Settings of a client. */
export interface ClientOptions {
  /**
   * Where the session is kept across reloads; default `sessionStorage`, `null` keeps it nowhere. Two clients that share
   * one (two tabs on `localStorage`) share the session too, and take it from each other.
   */
  storage?: Pick<Storage, "getItem" | "setItem" | "removeItem"> | null;
  /**
   * Where tips of this side that are not yet settled are kept, so that a payment is confirmed even when the tab was closed
   * in the middle of it, and so that tips from before a reload can be paid; `localStorage` is a good place. Default `null`: nowhere. It holds tokens of past sessions.
   */
  tipStorage?: Pick<Storage, "getItem" | "setItem" | "removeItem"> | null;
  /** Go back into the queue by itself when a partner leaves or is lost. Default true. */
  rematch?: boolean;
  /** Path prefix of the RPCs if the server has one (`SOCKET_PATH`). */
  path?: string;
}

/**
 * The client as a page sees it (implemented by `Satoshigle` in `satoshigle.ts`).
 *
 * Commands resolve when the server has acknowledged them and reject with a `SatoshigleError`. What comes of them arrives
 * as events. Commands given while the connection is away wait until it is back.
 */
export interface SatoshigleClient extends Tips {
  readonly state: State;
  /** Registers a listener; the returned function removes it. */
  on<E extends keyof ClientEvents>(event: E, listener: (...args: ClientEvents[E]) => void): () => void;
  /** The camera and microphone to send, `null` for none. Replaces tracks in a running call without renegotiation where it can. */
  setMedia(stream: MediaStream | null): Promise<void>;
  /** Opens the stream if need be (resuming a kept session) without looking for anyone. */
  connect(): Promise<void>;
  /** Looks for a partner; connects first if need be. While waiting, replaces the preferences and keeps the place. */
  start(preferences?: Preferences): Promise<void>;
  /** Leaves the current partner for the next one, with the preferences of `start`. */
  next(): Promise<void>;
  /** Back to idle: ends the match or the wait; the stream stays open. */
  stop(): Promise<void>;
  /** Reports the current partner, or the partner of `matchId` from the last ten minutes; ends the match. */
  report(reason: ReportReason, comment?: string, matchId?: string): Promise<void>;
  /** Sends a line to the partner over the data channel, at most 2,000 characters. Throws when there is no open channel. */
  say(text: string): void;
  /**
   * In a relayed call: asks the partner to go direct, or agrees when the partner has asked (`activity.direct`). When both
   * want it, the two browsers tell each other their addresses over the call itself, not through the server. It holds for
   * this connection: a call that has to be repaired is relayed again. Without a relayed call nothing happens.
   */
  goDirect(): void;
  /** Says no to a partner who asked to go direct. */
  stayRelayed(): void;
  /** Quality of the running call, or `null` when there is none. */
  stats(): Promise<CallStats | null>;
  /** Leaves, closes the stream and forgets the session. The client cannot be used afterwards. */
  close(): Promise<void>;
}
