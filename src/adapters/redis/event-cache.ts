import type { Event, SequencedEvent } from "../../core/event.js";
import type { Epoch, SessionId } from "../../core/ids.js";
import { limits } from "../../core/limits.js";
import type { Position } from "../../ports/mailbox.js";

/** How long a feed is valid after the mailbox was read, in milliseconds, while the bus does not vouch for it. */
const TRUST_MS = 5_000;

/** Events received over the bus for one session since its mailbox was last read. */
interface Feed {
  wakes: Set<() => void>;
  /** The stream that the feed follows and the next sequence; undefined while the mailbox must be read first. */
  follows: { generation: number; epoch: Epoch; nextSequence: number; untilMs: number } | undefined;
  events: SequencedEvent[];
  /** Number of messages received. */
  received: number;
}

/**
 * Caches events that arrive with notifications, so that most reads need no round trip. An event that is not the next in
 * sequence invalidates the feed, and the mailbox is read instead.
 */
export class EventCache {
  readonly #feeds = new Map<SessionId, Feed>();
  /** Until when no notification can be missing. */
  #vouchedUntilMs = -Infinity;

  /** The bus works: all feeds are valid until a time, whether or not their mailboxes are read, or until one is missing. */
  vouch(untilMs: number): void {
    this.#vouchedUntilMs = untilMs;
  }

  watch(sessionId: SessionId, wake: () => void): () => void {
    const feed = this.#feeds.get(sessionId) ?? { wakes: new Set(), follows: undefined, events: [], received: 0 };
    this.#feeds.set(sessionId, feed);
    feed.wakes.add(wake);
    return () => {
      feed.wakes.delete(wake);
      if (feed.wakes.size === 0 && this.#feeds.get(sessionId) === feed) this.#feeds.delete(sessionId);
    };
  }

  /** Number of watched sessions. */
  get size(): number {
    return this.#feeds.size;
  }

  has(sessionId: SessionId): boolean {
    return this.#feeds.has(sessionId);
  }

  /** Returns the events after a position; undefined if the feed may not have all of them. */
  take({ sessionId, generation, epoch, afterSequence }: Position, nowMs: number): SequencedEvent[] | undefined {
    const feed = this.#feeds.get(sessionId);
    const follows = feed?.follows;
    if (feed === undefined || follows?.generation !== generation || follows.epoch !== epoch) return undefined;
    feed.events = feed.events.filter(({ sequence }) => sequence > afterSequence);
    const first = feed.events[0]?.sequence ?? follows.nextSequence;
    const isValid = nowMs < follows.untilMs || nowMs < this.#vouchedUntilMs;
    return first === afterSequence + 1 && isValid ? feed.events : undefined;
  }

  /** Number of messages received so far. Take it before reading the mailbox. */
  mark(sessionId: SessionId): number {
    return this.#feeds.get(sessionId)?.received ?? 0;
  }

  /** Starts the feed after a mailbox was read up to a sequence, unless a message arrived since the mark. */
  follow({ sessionId, generation, epoch }: Position, lastSequence: number, mark: number, nowMs: number): void {
    const feed = this.#feeds.get(sessionId);
    if (feed?.received !== mark) return;
    feed.follows = { generation, epoch, nextSequence: lastSequence + 1, untilMs: nowMs + TRUST_MS };
    feed.events = [];
  }

  /** Handles a notice of the bus: `<session> changed` or `<session> event <epoch> <sequence> <event>`. */
  receive(message: string): void {
    const [sessionId = "", kind, epoch, sequence] = message.split(" ", 4);
    const feed = this.#feeds.get(sessionId as SessionId);
    if (feed === undefined) return;
    feed.received++;
    const start = `${sessionId} event ${epoch ?? ""} ${sequence ?? ""} `.length;
    const event = kind === "event" ? parse(message.slice(start)) : undefined;
    if (event !== undefined && this.#fits(feed, epoch, Number(sequence))) {
      feed.events.push({ sequence: Number(sequence), event });
    } else feed.follows = undefined;
    for (const wake of feed.wakes) wake();
  }

  /** Messages may have been missed: invalidates all feeds. Returns their sessions, which the caller must wake. */
  invalidateAll(): SessionId[] {
    this.#vouchedUntilMs = -Infinity;
    for (const feed of this.#feeds.values()) {
      feed.received++;
      feed.follows = undefined;
    }
    return [...this.#feeds.keys()];
  }

  wake(sessionId: SessionId): void {
    for (const wake of this.#feeds.get(sessionId)?.wakes ?? []) wake();
  }

  #fits({ follows, events }: Feed, epoch: string | undefined, sequence: number): boolean {
    if (follows?.epoch !== epoch || follows?.nextSequence !== sequence) return false;
    if (events.length >= limits.mailboxEvents) return false;
    follows.nextSequence++;
    return true;
  }
}

/** Returns undefined for invalid JSON: a foreign publisher must not crash the process. */
function parse(text: string): Event | undefined {
  try {
    return JSON.parse(text) as Event;
  } catch {
    return undefined;
  }
}
