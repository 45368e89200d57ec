import type { AddressKey } from "../core/ids.js";
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
   * Handles at most `limit` of what is due: closes sessions that were away for too long, ends matches in which a side did
   * not respond, then revisits waiting tickets as far as this time span's budget allows (`core/search.ts`). `nextMs` is
   * when the next item is due, undefined for never; it may be in the past when the limit was reached.
   */
  expire(due: { nowMs: number; limit: number }): Promise<{ nextMs: number | undefined }>;
}

export interface Closing {
  addressKey: AddressKey;
  reason: Exclude<CloseReason, "expired">;
  keep: number;
  nowMs: number;
  limit: number;
}
