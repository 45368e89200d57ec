/** The public types of the client. They do not expose the messages of the protocol. */
import type { CheckOptions, CheckResult } from "./check/types.js";
import type { SatoshigleError } from "./errors.js";
import type { SafetySymbol } from "./in-call/safety-symbols.js";
import type { EvidenceChoice, EvidencePolicy, EvidencePreview, Notice } from "./moderation/types.js";
import type { SatsStream, SatsStreamOptions, Tip, TipTerms, TipTotals } from "./tips/types.js";
import type { Wallet } from "./wallets/wallet.js";

export type { ErrorCode, ErrorDetails } from "./errors.js";
export type * from "./check/types.js";
export type * from "./moderation/types.js";
export type * from "./tips/types.js";
export type { SafetySymbol } from "./in-call/safety-symbols.js";

/** Which partners to look for. */
export interface Preferences {
  /** Partners who share an interest are preferred. At most 10, each of 1 to 32 characters. */
  interests?: string[];
  /** Partners must share a language: two- or three-letter codes such as `en`. None means any. At most 5. */
  languages?: string[];
  /** Hide this side's address from the partner by relaying the call. Requires a TURN server. */
  relayOnly?: boolean;
  /** What this side is, by the names of `State.attributes`; `mode` is `video`, `audio` or `text` on every server. */
  attributes?: AttributeValues;
  /** What the partner must be: for each name, one of the values. */
  filters?: AttributeValues;
}

/** Values by the name of their attribute. */
export type AttributeValues = Record<string, string[]>;

/** Something that this server matches people by, in addition to interests and languages. */
export interface Attribute {
  name: string;
  /** The possible values; empty if any text is allowed. */
  values: string[];
  /** Whether `Preferences.attributes` may contain it. */
  saidByClient: boolean;
  /** Whether `Preferences.filters` may contain it. */
  filterable: boolean;
  /** Whether partners must share a value, without a filter. */
  mutual: boolean;
  /** How many values this side may have. */
  maxValues: number;
  /** The value of people who have none; empty if there is no such value. */
  defaultValue: string;
}

/** What the app says about a person: its own words, as text and never HTML. */
export interface Profile {
  name: string | undefined;
  /** An `https:` URL. Loading it reveals the viewer's address to its server. */
  pictureUrl: string | undefined;
  /** Short texts such as `verified`. */
  badges: string[];
}

/** Which of the partner's media to receive. */
export interface Receiving {
  audio: boolean;
  video: boolean;
}

/** The connection to the server. A call is peer to peer and continues without it. */
export type Connection =
  | { status: "closed" }
  | { status: "connecting" }
  | { status: "online" }
  /** The connection was lost; the next attempt is at `retryAtMs` (`Date.now()` milliseconds). */
  | { status: "reconnecting"; retryAtMs: number };

/** The state of the peer connection of the current match. */
export type CallStatus =
  /** Negotiating for the first time. */
  | "connecting"
  /** Media flows. */
  | "connected"
  /** The call was connected and is being restored (an ICE restart, or the partner reloaded the page). */
  | "reconnecting";

/** Whether the partner is connected to the server. */
export type PartnerPresence =
  | { status: "present" }
  /** The partner lost its connection and may return until `deadlineMs` (`Date.now()` milliseconds). The call may still run. */
  | { status: "away"; deadlineMs: number };

/** Who in a relayed call wants a direct connection, which reveals the addresses of both to each other. */
export type DirectWish = "nobody" | "me" | "partner" | "both";

/** What the client is doing. */
export type Activity =
  | { phase: "idle" }
  | {
      phase: "waiting";
      /** `Date.now()` milliseconds. */
      sinceMs: number;
      /** The number of people in the queue, including this side; 0 until the server has answered. */
      waitingCount: number;
      /** The estimated wait in total; undefined if unknown. */
      estimatedWaitMs: number | undefined;
      /** Nobody with a shared interest was found in time; interests no longer count. */
      widened: boolean;
      /** The queue contains only partners of the last minute. */
      onlyRecentPartners: boolean;
      /** The names of the filters that gave way, as nobody whom they accept came in time. */
      gaveWay: string[];
      /** The number of people in the queue who fit, and were partners within the last minute. */
      fittingCount: number;
    }
  | {
      phase: "matched";
      matchId: string;
      sharedInterests: string[];
      /** What the app says about the partner; `null` for an anonymous partner, or one without a profile. */
      profile: Profile | null;
      /** What the partner says it sends: `video`, `audio` or `text`. */
      partnerMode: string;
      /**
       * What this side may send in this match: `video` unless the server enforces less, `audio` or `text`. Media beyond it
       * are not sent, and with `text` none are received.
       */
      mode: string;
      /** What else both sides are, of what this server shows. */
      sharedAttributes: AttributeValues;
      call: CallStatus;
      partner: PartnerPresence;
      /** The call is relayed, so that neither side sees the other's address. */
      relayOnly: boolean;
      /** Who wants a direct connection nevertheless; see `goDirect`. `stats` reports the path in use. */
      direct: DirectWish;
      /** False if the server no longer knows this match (it restarted) while the call continues. */
      signaled: boolean;
      /** Whether the text channel is open. */
      chatReady: boolean;
    };

/** Everything that a page renders. Each change creates a new object. */
export interface State {
  connection: Connection;
  activity: Activity;
  /** The limits for tips; `null` if tips are disabled on this server, or until the first connection. */
  tips: TipTerms | null;
  /** What this server matches people by, in addition to interests and languages. Empty until the first connection. */
  attributes: Attribute[];
  /**
   * The most that this session may send, if the app restricts its person: `text` for chat without media. Empty without a
   * restriction, or until the first connection.
   */
  modeLimit: string;
}

/** Why a match ended, from this side's point of view. */
export type EndReason =
  | "left"
  | "partner_left"
  | "partner_skipped"
  | "partner_lost"
  | "unresponsive"
  | "partner_unresponsive"
  | "reported"
  | "banned"
  /** An operator of the server ended the match. */
  | "ended_by_operator"
  /** The call ended after the server had lost the match. */
  | "call_lost";

/** Why a partner is reported. */
export type ReportReason = "sexual_content" | "harassment" | "violence" | "minor" | "spam" | "other";

/** A line of text chat. */
export interface ChatMessage {
  from: "me" | "partner";
  text: string;
  /** The sender's number of the line in this match, from 1; undefined if the partner's client does not number lines. */
  id: number | undefined;
  /** When this side sent or received it (`Date.now()` milliseconds). */
  atMs: number;
}

/** Quality of the current call, from `RTCPeerConnection.getStats`. Undefined: not known yet. */
export interface CallStats {
  /** Round-trip time between the two browsers, in milliseconds. */
  roundTripMs: number | undefined;
  /** Width of the received video, in pixels. */
  width: number | undefined;
  /** Height of the received video, in pixels. */
  height: number | undefined;
  framesPerSecond: number | undefined;
  /** The number of video frames decoded so far. */
  framesDecoded: number;
  /** Received media in bits per second since the previous call of `stats`. */
  bitsPerSecond: number | undefined;
  /** The share of received packets that were lost so far, 0 to 1. */
  lossRatio: number | undefined;
  /** Whether media flows directly or through a relay. */
  path: "direct" | "relayed" | undefined;
}

/** What is wrong with the operator's STUN and TURN servers. Calls may connect nevertheless. */
export type WarningCode =
  /** This browser does not accept the URL of a server, which is not used. */
  | "ice_url_refused"
  /** A TURN server does not accept its credentials. */
  | "turn_credentials_refused"
  /** A call has to be relayed, but there are no credentials for the TURN server. */
  | "relay_missing";

/** Something that an operator should know, and people need not see. Its message contains no credentials. */
export interface Warning {
  code: WarningCode;
  message: string;
}

/** The events, each with the arguments of its listeners. */
export interface ClientEvents {
  /** `state` changed. */
  state: [state: State];
  /** The partner's media arrived, or ended (`null`). */
  partnerStream: [stream: MediaStream | null];
  /** A match began. */
  matched: [match: { matchId: string; sharedInterests: string[]; profile: Profile | null }];
  /** A match ended. `requeued`: the client is looking for the next partner. */
  ended: [end: { matchId: string; reason: EndReason; requeued: boolean }];
  /** A line of text chat from either side. */
  message: [message: ChatMessage];
  /** The partner sent a message under the topic. Messages under topics without a listener are ignored. */
  [message: `message:${string}`]: [bytes: Uint8Array];
  /** The quality of the call changed. */
  quality: [quality: CallQuality];
  /** The partner began to type a line, or stopped. */
  typing: [typing: boolean];
  /** The partner has seen this side's lines of text chat up to the one with this `id`. */
  seen: [lineId: number];
  /** A tip of either side is new or changed. */
  tip: [tip: Tip];
  /** What moderators told this person and was not seen yet has changed. Only after the first call of `notices`. */
  notices: [unseen: readonly Notice[]];
  /** An error that people should see. */
  error: [error: SatoshigleError];
  /** A problem of the operator's servers, which the client reports to the server as well. */
  warning: [warning: Warning];
}

/** How well a call works. `fair`: people notice it; `poor`: it is hard to talk. */
export type QualityLevel = "good" | "fair" | "poor";

/** What a side does with its picture so that the sound arrives. */
export type PictureState = "full" | "reduced" | "paused";

/** The quality of a call, from what both sides see. It changes slowly, so that a page can show it. */
export interface CallQuality {
  level: QualityLevel;
  /**
   * Where the cause is. `mine`: what this side sends does not arrive in full; `theirs`: what the partner sends does not;
   * `relay`: both, or the time it takes, in a relayed call; `null`: nothing is wrong, or the cause is not known.
   */
  cause: "mine" | "theirs" | "relay" | null;
  /** This side's picture: it is reduced, and then paused, before the sound suffers. */
  picture: PictureState;
  /** The partner's picture. */
  partnerPicture: PictureState;
}

/** What a report may contain; see `SatoshigleClient.evidence`. Nothing is sent before `attach`. */
export interface Evidence {
  readonly policy: EvidencePolicy;
  /** How long the server keeps what is attached, at most, in milliseconds. */
  readonly keptMs: number;
  /**
   * Resolves with what can be attached to a report about a match: its last 50 lines of text chat and, if the policy says
   * so, up to five pictures of the partner's video from its last 20 seconds. Never pictures for the reason `minor`.
   */
  preview(reason: ReportReason, matchId: string): Promise<EvidencePreview>;
  /**
   * Encrypts what the person chose for the moderators, and attaches it to the report, which must have been made before. If
   * it fails, call it again with the same object: it sends the same pieces, and a report takes no others.
   */
  attach(reason: ReportReason, matchId: string, choice: EvidenceChoice): Promise<void>;
}

/** What moderators told this person; see `SatoshigleClient.notices`. */
export interface Notices {
  /**
   * What the person has not seen yet, in the order in which it arrived. Each change creates a new array, which the
   * event `notices` carries.
   */
  readonly unseen: readonly Notice[];
  /**
   * Says that the person has seen these, which removes them from `unseen` at once. Resolves when the server knows it and
   * will not say them again; if that fails, they come back with the next session.
   */
  seen(notices: readonly Notice[]): Promise<void>;
}

/** Settings of a client. */
export interface ClientOptions {
  /**
   * Returns an identity token: a JWT in which the app says who the person is, or `null` for somebody who is not signed in.
   * Called before the first session, before the token expires, and when the server says that it has expired. It has ten
   * seconds, after which `signal` aborts. What it throws is reported as `identity_unavailable`, and it is called again;
   * meanwhile a session that is open already continues. Close the client when the person signs out.
   */
  identity?: (options: { signal: AbortSignal }) => Promise<string | null>;
  /**
   * Where to keep the session across reloads. Default `sessionStorage`; `null` disables it. If two open tabs share a
   * storage, the second starts a session of its own; in a browser without Web Locks it takes the session over instead.
   * Unless it is `null`, a random key is kept in `localStorage`, by which the server recognizes this browser.
   */
  storage?: Pick<Storage, "getItem" | "setItem" | "removeItem"> | null;
  /**
   * Where to keep the unsettled tips that this side gives, such as `localStorage`. Payments are then confirmed even if
   * the tab was closed while paying, and tips from before a reload can be paid. It contains the tokens of past
   * sessions. Default `null`: tips are not kept.
   */
  tipStorage?: Pick<Storage, "getItem" | "setItem" | "removeItem"> | null;
  /** Return to the queue automatically when a partner leaves or is lost. Default true. */
  rematch?: boolean;
  /**
   * How much picture to send at most, in kbit/s. Default: as much as the line carries. The server may set a limit for
   * relayed calls (`RELAY_MAX_BITRATE_KBPS`); the lower one applies.
   */
  maxVideoKbps?: number;
  /** The path prefix of the RPCs, if the server has one (`SOCKET_PATH`). */
  path?: string;
}

/**
 * The client as a page sees it; `Satoshigle` implements it.
 *
 * Commands resolve when the server has acknowledged them and reject with a `SatoshigleError`. Results arrive as events.
 * Commands that are given while the connection is down wait until it is back.
 */
export interface SatoshigleClient extends Tips {
  /** The current state. Each change creates a new object, which the `state` event carries. */
  readonly state: State;
  /** Whether the page before a reload left a session, which `connect` resumes with its wait or its call. */
  readonly resumable: boolean;
  /** Registers a listener and returns a function that removes it. */
  on<E extends keyof ClientEvents>(event: E, listener: (...args: ClientEvents[E]) => void): () => void;
  /** Sets the camera and microphone to send, or `null` for none. A running call continues without interruption. */
  setMedia(stream: MediaStream | null): Promise<void>;
  /**
   * Sets which of the partner's media to receive; by default both. The partner neither encodes nor sends the rest. A
   * running call is renegotiated without interruption; a call that went direct is reconnected.
   */
  setReceiving(receiving: Receiving): void;
  /**
   * Connects to the server, resuming a stored session, without looking for a partner. Resolves when online. Called when
   * the page loads, it makes the first `start` faster. With `prepareCall`, it also prepares the first call: the browser
   * then asks the STUN servers for its address before the person has started.
   */
  connect(options?: { prepareCall?: boolean }): Promise<void>;
  /**
   * Looks for a partner; connects first if necessary. Without preferences, those of the last call apply. While waiting,
   * it replaces the preferences and keeps the place in the queue. During a match, they apply to the next one.
   */
  start(preferences?: Preferences): Promise<void>;
  /** Leaves the current partner at once and looks for the next one, with the current preferences. */
  next(): Promise<void>;
  /**
   * Ends the match or leaves the queue at once; the connection stays open. Resolves when the server has acknowledged
   * it. Waiting commands that it supersedes resolve as well.
   */
  stop(): Promise<void>;
  /** Reports the current partner, or the partner of `matchId` within the last ten minutes, and ends that match. */
  report(reason: ReportReason, comment?: string, matchId?: string): Promise<void>;
  /**
   * Begins to keep the end of each match in memory, as far as the server's policy allows, so that a report may contain it.
   * Call it once connected, before chatting, and tell people. Its code is loaded with the first call. Both sides of a
   * match should: what a partner has committed to can be verified.
   */
  evidence(): Promise<Evidence>;
  /**
   * Returns what moderators tell this person, such as what became of a report: since the client was created, and from now
   * on. It needs no connection. Its code is loaded with the first call.
   */
  notices(): Promise<Notices>;
  /**
   * Sends a line of 1 to 2,000 characters to the partner and emits it as a `message` event. Throws if the text channel
   * is not open.
   */
  say(text: string): void;
  /**
   * Sends bytes to the partner, who receives them as the event `message:TOPIC`: in order, and once. A topic has 1 to 64
   * letters, digits, or `. : / _ -`; a message has at most 16 KiB. Resolves when the browser has the message, which it
   * gets no faster than network and partner take it; wait for the promise before sending much. Rejects with
   * `limit_reached` if more than 1 MiB is waiting, `match_over` if the call ends or has to be set up again, or
   * `not_supported` if the partner's client does not know such messages.
   */
  send(topic: string, bytes: Uint8Array): Promise<void>;
  /**
   * Returns the four symbols of this call, which two people compare by voice or picture: if both see the same ones,
   * nobody between the two browsers, such as the server or a relay, can see or change the call. It says nothing about who
   * the partner is, nor about a page that was tampered with. It belongs to one connection: ask again after a
   * reconnection. Rejects with `safety_code_refused` if somebody breaks the rules, `match_over` if the call ends, or
   * `not_supported`; an `error` event with `safety_code_refused` says that a code does not hold any more.
   */
  safetyCode(): Promise<readonly SafetySymbol[]>;
  /** Shows the partner whether this side is typing. Call it at every input; it ends after five seconds, or with `say`. */
  setTyping(typing: boolean): void;
  /** Shows the partner that its lines of text chat so far were seen. */
  markSeen(): void;
  /**
   * Asks the partner of a relayed call for a direct connection, or agrees if the partner has asked (`activity.direct`).
   * Once both agree, the browsers exchange their addresses through the call, not through the server. The agreement
   * applies to this peer connection only: a call that has to be restored is relayed again. Does nothing in other calls.
   */
  goDirect(): void;
  /** Declines the partner's request for a direct connection. */
  stayRelayed(): void;
  /** Returns the quality of the current call, or `null` if there is none. */
  stats(): Promise<CallStats | null>;
  /**
   * Tests what a call needs, within five seconds: the server, a public address, a relay over UDP, TCP and TLS, the uplink,
   * microphone and camera. Sends up to 1.5 MB through the relay. Connects first if necessary. The server counts the
   * outcomes without knowing whose they are. Never rejects because of what it finds.
   */
  check(options?: CheckOptions): Promise<CheckResult>;
  /**
   * Leaves, disconnects and deletes the stored session. The client emits no further events and cannot be used again.
   * What was under way, such as `connect`, rejects with the code `closed`.
   */
  close(): Promise<void>;
}

/** Tips between the two people of a match. Amounts are in millisatoshis; every change arrives as a `tip` event. */
export interface Tips {
  /** All tips that this client knows, oldest first. */
  readonly tips: readonly Tip[];
  /**
   * Sets the wallet that creates invoices and pays, or `null` for none: the page then shows and accepts invoices. By
   * default the wallet answers every tip automatically; with `answer: "ask"` it answers only the accepted ones.
   */
  setWallet(wallet: Wallet | null, options?: { answer?: "automatic" | "ask" }): void;
  /** Offers the partner a tip. Resolves when the server has accepted it; a wallet pays as soon as the invoice arrives. */
  tip(amountMsat: number, comment?: string): Promise<Tip>;
  /** Accepts a tip with `invoice`, which the person created elsewhere, or with an invoice from the wallet. */
  acceptTip(tipId: string, invoice?: string): Promise<void>;
  /** Declines a tip that has no invoice yet. */
  declineTip(tipId: string): Promise<void>;
  /** Cancels a tip that this side gives, as long as it has certainly not been paid. */
  cancelTip(tipId: string): Promise<void>;
  /**
   * Pays an `invoiced` tip that was not paid automatically, such as one from before a reload. Requires that the client
   * remembers its offer, in this page or in `tipStorage`, and that the invoice matches the offer.
   */
  payTip(tipId: string): Promise<void>;
  /**
   * Marks a tip that this side gives with `putAway`, so that pages show it no more: such as one whose wallet does not say
   * whether it was paid. Nothing else changes. If it turns out to be paid, it is confirmed, settles, and loses the mark.
   */
  putAwayTip(tipId: string): Promise<void>;
  /** Confirms a payment that the person made elsewhere, with its preimage in hexadecimal. */
  confirmTip(tipId: string, preimage: string): Promise<void>;
  /**
   * Says that the money of a tip that this side gets has arrived: the tip becomes `received`. Only the payee's wallet or
   * the person may know; it is their word, and no proof. Also possible after the tip ended or was settled.
   */
  confirmReceipt(tipId: string): Promise<void>;
  /** Tips at a steady rate during the call, one tip at a time. Throws if that is not possible. */
  streamSats(options: SatsStreamOptions): SatsStream;
  /** Returns the sums of the tips of a match, of settled and of received ones; the default is the current or last match. */
  tipTotals(matchId?: string): TipTotals;
}
