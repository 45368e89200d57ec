import type { AddressKey, PersonKey } from "../core/ids.js";
import type { CloseReason } from "./mailbox.js";

/** The steps that instances take for the lobby on their own. Like those of `Lobby`, all are atomic and safe to repeat. */
export interface LobbyMaintenance {
  /**
   * Closes at most `limit` of the sessions of a person, or whose newest stream was opened from a network or one within it,
   * except the `keep` newest; those that came first are closed first. Their matches end because of a ban, or because
   * they left. Closing fewer than `limit` means that none is left.
   */
  closeSessions(closing: Closing): Promise<{ closed: number }>;

  /**
   * Stops pairing the sessions of two people, and ends the matches between them: both sides wait again if they asked for
   * a rematch. Has no effect on a person without sessions, whose blocks `open` gets.
   */
  block(blocking: Blocking): Promise<void>;
  /** Removes a block. What else keeps sessions of the two apart remains. */
  unblock(blocking: Omit<Blocking, "nowMs">): Promise<void>;

  /**
   * Handles at most `limit` of what is due: closes sessions that were away for too long, ends matches in which a side did
   * not respond, then revisits waiting tickets as far as this time span's budget allows (`core/search.ts`). `nextMs` is
   * when the next item is due, undefined for never; it may be in the past when the limit was reached.
   */
  expire(due: { nowMs: number; limit: number }): Promise<{ nextMs: number | undefined }>;
}

export interface Blocking {
  /** The person that blocks. */
  person: PersonKey;
  other: PersonKey;
  nowMs: number;
}

export interface Closing {
  addressKey: AddressKey;
  reason: Exclude<CloseReason, "expired">;
  keep: number;
  nowMs: number;
  limit: number;
}
