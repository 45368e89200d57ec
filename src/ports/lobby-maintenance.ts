import type { AddressKey } from "../core/ids.js";

/** The steps that instances take for the lobby on their own. Like those of `Lobby`, all are atomic and safe to repeat. */
export interface LobbyMaintenance {
  /**
   * Closes at most `limit` of the sessions whose newest stream was opened from the banned network or one within it; their
   * partners' matches end because of a ban. Closing fewer than `limit` means that none is left.
   */
  closeBanned(ban: { addressKey: AddressKey; nowMs: number; limit: number }): Promise<{ closed: number }>;

  /**
   * Handles at most `limit` of what is due: closes sessions that were away for too long, ends matches in which a side did
   * not respond, then revisits waiting tickets as far as this time span's budget allows (`core/search.ts`). `nextMs` is
   * when the next item is due, undefined for never; it may be in the past when the limit was reached.
   */
  expire(due: { nowMs: number; limit: number }): Promise<{ nextMs: number | undefined }>;
}
