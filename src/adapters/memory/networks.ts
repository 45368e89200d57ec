import type { AddressKey, NetworkKey } from "../../core/ids.js";
import { levelsOf } from "../../core/network-key.js";
import type { Session } from "./state.js";

/** Sessions by network, at each level. */
export class Networks {
  /** Sessions by the network of their newest stream, in the order in which they came to it. */
  readonly #present = new Map<AddressKey, Set<Session>>();
  /** Number of sessions opened from each network. */
  readonly #opened = new Map<AddressKey, number>();

  /** Returns the sessions whose newest stream is from a network. */
  sessionsOn(key: AddressKey): ReadonlySet<Session> {
    return this.#present.get(key) ?? new Set();
  }

  openedFrom(key: AddressKey): number {
    return this.#opened.get(key) ?? 0;
  }

  /** Counts a new session towards the networks that it was opened from. */
  add(session: Session): void {
    for (const key of session.openedFrom) this.#opened.set(key, this.openedFrom(key) + 1);
    this.moveTo(session, session.addressKey);
  }

  /** Records the network of a session's newest stream. */
  moveTo(session: Session, addressKey: NetworkKey): void {
    if (session.addressKey !== addressKey) this.#leave(session);
    session.addressKey = addressKey;
    for (const key of levelsOf(addressKey)) this.#present.set(key, (this.#present.get(key) ?? new Set()).add(session));
  }

  remove(session: Session): void {
    this.#leave(session);
    for (const key of session.openedFrom) {
      const left = this.openedFrom(key) - 1;
      if (left > 0) this.#opened.set(key, left);
      else this.#opened.delete(key);
    }
  }

  #leave(session: Session): void {
    for (const key of levelsOf(session.addressKey)) {
      const present = this.#present.get(key);
      present?.delete(session);
      if (present?.size === 0) this.#present.delete(key);
    }
  }
}
