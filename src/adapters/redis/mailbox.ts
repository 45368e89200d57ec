import { redactEvent } from "../../core/separation.js";
import type { Event, SequencedEvent } from "../../core/event.js";
import type { SessionId } from "../../core/ids.js";
import type { Clock } from "../../ports/clock.js";
import type { CloseReason, Mail, Mailbox, Position } from "../../ports/mailbox.js";
import type { EventCache } from "./event-cache.js";
import type { ScriptRunner } from "./script-runner.js";

/** Mailboxes shared by all nodes: one Redis stream per session, and a cache of events from the bus. */
export class RedisMailbox implements Mailbox {
  constructor(
    private readonly store: ScriptRunner,
    private readonly eventCache: EventCache,
    private readonly clock: Clock,
  ) {}

  async read(position: Position): Promise<Mail> {
    const known = this.eventCache.take(position, this.clock.nowMs());
    if (known !== undefined) return { state: "events", events: known };
    const { sessionId, generation, epoch, afterSequence } = position;
    const mark = this.eventCache.mark(sessionId);
    const answer = await this.store.run("read", sessionId, generation, epoch, afterSequence);
    const [state, ...rest] = answer as [Mail["state"], ...(string | number)[]];
    if (state === "closed") return { state, reason: rest[0] as CloseReason };
    if (state !== "events") return { state };
    const [first, notes, ...events] = rest;
    const numbered = events.map((event, index) => ({
      sequence: Number(first) + index,
      event: JSON.parse(String(event)) as Event,
    }));
    if (notes !== "") redact(numbered, String(notes));
    this.eventCache.follow(position, afterSequence + numbered.length, mark, this.clock.nowMs());
    return { state, events: numbered };
  }

  watch(sessionId: SessionId, wake: () => void): () => void {
    return this.eventCache.watch(sessionId, wake);
  }

  async trim(sessionId: SessionId, beforeMs: number): Promise<void> {
    await this.store.run("trim", sessionId, beforeMs);
  }
}

/** @param notes matches whose events must not be delivered, each with the last sequence covered: "match sequence " */
function redact(events: SequencedEvent[], notes: string): void {
  const until = new Map<string, number>();
  for (const [, matchId = "", sequence] of notes.matchAll(/(\S+) (\d+) /g)) until.set(matchId, Number(sequence));
  for (const numbered of events) {
    const { event, sequence } = numbered;
    if ("matchId" in event && sequence <= (until.get(event.matchId) ?? 0)) numbered.event = redactEvent(event);
  }
}
