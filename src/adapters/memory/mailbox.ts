import type { SessionId } from "../../core/ids.js";
import type { Mail, Mailbox, Position } from "../../ports/mailbox.js";
import type { LobbyState } from "./lobby-state.js";

/** The mailboxes of a single process. */
export class MemoryMailbox implements Mailbox {
  constructor(private readonly realm: LobbyState) {}

  read({ sessionId, generation, epoch, afterSequence }: Position): Mail {
    const session = this.realm.sessions.get(sessionId);
    if (session === undefined) {
      return { state: "closed", reason: this.realm.watches.get(sessionId)?.closed ?? "expired" };
    }
    if (session.generation !== generation) return { state: "replaced" };
    if (session.epoch !== epoch || !session.events.reaches(afterSequence)) return { state: "gap" };
    return { state: "events", events: session.events.after(afterSequence) };
  }

  watch(sessionId: SessionId, wake: () => void): () => void {
    const { watches } = this.realm;
    const watch = watches.get(sessionId) ?? { wakes: new Set(), closed: undefined };
    watches.set(sessionId, watch);
    watch.wakes.add(wake);
    return () => {
      watch.wakes.delete(wake);
      if (watch.wakes.size === 0 && watches.get(sessionId) === watch) watches.delete(sessionId);
    };
  }

  trim(sessionId: SessionId, beforeMs: number): Promise<void> {
    this.realm.sessions.get(sessionId)?.events.trim(beforeMs);
    return Promise.resolve();
  }
}
