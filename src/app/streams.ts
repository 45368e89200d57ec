import { DomainError } from "../core/errors.js";
import type { MatchId, SessionId } from "../core/ids.js";
import { NetworkCount } from "../core/network-count.js";
import { type NextTurn, Turns } from "../core/turns.js";
import type { Clock } from "../ports/clock.js";
import type { Random } from "../ports/random.js";
import { Notifier } from "./notifier.js";

/** An open stream of this instance, as seen from outside its own loop. */
export class Stream {
  readonly notifier = new Notifier();
  heartbeatDue = false;
  /**
   * When the newest event was delivered, and when delivered events may be trimmed from the mailbox; undefined if there
   * are none.
   */
  deliveredMs = 0;
  forgetAtMs: number | undefined;
  /** The match whose partner has not sent a description yet, and since when; for the meter. */
  awaitedResponse: { matchId: MatchId; sinceMs: number } | undefined;
  /** Set once the client should move to a newer stream: how long it should wait first, in milliseconds. */
  drainAfterMs: number | undefined;
  drainSent = false;
  /** Whether the server ends the stream: its last message is `session_closed`. */
  shutDown = false;
  /** Whether the client disconnected, or ignored the request to move for too long. */
  ended = false;

  constructor(
    readonly address: string,
    readonly session: SessionId,
    /** When the client is asked to open a newer stream. */
    public retireAtMs: number,
  ) {}

  /** Whether control events are due. */
  get hasControls(): boolean {
    return this.heartbeatDue || this.shutDown || (this.drainAfterMs !== undefined && !this.drainSent);
  }

  end(): void {
    this.ended = true;
    this.notifier.notify();
  }
}

export interface StreamSettings {
  heartbeatMs: number;
  /** Maximum streams per host; wider networks may have more (`shareOf`). */
  maxPerAddress: number;
  /** The same for sessions that come back, as newcomers may have taken their places. At least that. */
  maxReturning: number;
  /** The age at which a stream is replaced, as proxies cut old connections. */
  lifetimeMs: number;
}

/** A drain in progress. */
interface Drain {
  ended: Promise<void>;
  /** Ends it early. Idempotent. */
  end: () => void;
}

/** How long a retired stream stays open so that the newer one takes over without a gap, in milliseconds. */
const RETIREMENT_MS = 30_000;
/** How long an ended stream may take to send its last message, in milliseconds; its client may not read. */
const CLOSING_MS = 1_000;
/** Number of streams that receive a control event in one turn of the event loop. */
const CONTROLS_PER_TURN = 32;
/** The heartbeat interval is divided into this many ticks, each of which serves its share of the streams. */
const SLOTS = 15;

/**
 * Tracks the open streams of this instance: their number, heartbeats, age and end. One timer serves all streams, and
 * none while there are none.
 */
export class Streams {
  readonly #slots = Array.from({ length: SLOTS }, () => new Set<Stream>());
  readonly #perNetwork: NetworkCount;
  readonly #turns: Turns;
  readonly #perSession = new Map<SessionId, number>();
  #slot = 0;
  #size = 0;
  #drain: Drain | undefined;
  #stopTicking: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly settings: StreamSettings,
    nextTurn: NextTurn = setImmediate,
  ) {
    this.#perNetwork = new NetworkCount(settings.maxPerAddress);
    this.#turns = new Turns(CONTROLS_PER_TURN, nextTurn);
  }

  get size(): number {
    return this.#size;
  }

  get draining(): boolean {
    return this.#drain !== undefined;
  }

  /**
   * Adds a stream of a new session, or of one that comes back. One that takes over from another of the same session
   * counts once, so a session can resume at its address's limit.
   * @throws DomainError `limit_reached` with too many streams from this address, `draining` while this instance drains
   */
  add(address: string, session: SessionId, isNew: boolean): Stream {
    if (this.#drain !== undefined) {
      throw new DomainError("draining", "this instance is shutting down; try again", { retryAfterMs: 1000 });
    }
    const limit = isNew ? this.settings.maxPerAddress : this.settings.maxReturning;
    if (this.#perNetwork.isFull(address, limit) && !this.#perSession.has(session)) {
      const max = String(limit);
      throw new DomainError("limit_reached", `too many streams from this address: at most ${max} are allowed`, {
        problem: "network",
        retryAfterMs: this.settings.heartbeatMs,
      });
    }
    this.#perNetwork.add(address);
    add(this.#perSession, session, 1);
    const lifetimeMs = this.settings.lifetimeMs * (0.9 + 0.1 * this.random.float());
    const stream = new Stream(address, session, this.clock.nowMs() + lifetimeMs);
    this.#slots[this.#slot]?.add(stream);
    this.#size++;
    this.#stopTicking ??= this.#tickLater();
    return stream;
  }

  remove(stream: Stream): void {
    if (!this.#slots.some((slot) => slot.delete(stream))) return;
    this.#size--;
    this.#perNetwork.remove(stream.address);
    add(this.#perSession, stream.session, -1);
    if (this.#size > 0) return;
    this.#stopTicking?.();
    this.#stopTicking = undefined;
    this.#drain?.end();
  }

  /**
   * Accepts no more streams, and asks the open ones to move, spread over half of `timeoutMs`. Resolves when all are
   * closed or `resume` is called. After `timeoutMs` it ends the remaining streams, and waits only briefly for them.
   * Idempotent.
   */
  drain(timeoutMs: number): Promise<void> {
    this.#drain ??= this.#startDrain(timeoutMs);
    return this.#drain.ended;
  }

  /** Undoes `drain`. Streams that were not asked to move yet stay. Idempotent. */
  resume(): void {
    for (const stream of this.#all()) {
      if (!stream.drainSent) stream.drainAfterMs = undefined;
    }
    this.#drain?.end();
    this.#drain = undefined;
  }

  #startDrain(timeoutMs: number): Drain {
    let isOver = false;
    this.#turns.each(this.#all(), (stream) => {
      if (isOver) return;
      stream.drainAfterMs = Math.round(this.random.float() * (timeoutMs / 2));
      stream.notifier.notify();
    });
    let resolve: () => void = () => undefined;
    const ended = new Promise<void>((done) => (resolve = done));
    let cancel = this.clock.after(timeoutMs, () => {
      const shutDown = (stream: Stream) => {
        if (isOver) return;
        stream.shutDown = true;
        stream.notifier.notify();
      };
      this.#turns.each(this.#all(), shutDown, () => {
        if (!isOver) cancel = this.clock.after(CLOSING_MS, resolve);
      });
    });
    const end = () => {
      isOver = true;
      cancel();
      resolve();
    };
    if (this.#size === 0) end();
    return { ended, end };
  }

  *#all(): Iterable<Stream> {
    for (const slot of this.#slots) yield* [...slot];
  }

  #tickLater(): () => void {
    return this.clock.after(this.settings.heartbeatMs / SLOTS, () => {
      this.#slot = (this.#slot + 1) % SLOTS;
      this.#turns.each([...(this.#slots[this.#slot] ?? [])], (stream) => {
        this.#sendHeartbeat(stream);
      });
      this.#stopTicking = this.#tickLater();
    });
  }

  #sendHeartbeat(stream: Stream): void {
    if (this.clock.nowMs() >= stream.retireAtMs) {
      if (stream.drainAfterMs !== undefined) stream.ended = true;
      stream.drainAfterMs ??= 0;
      stream.retireAtMs += RETIREMENT_MS;
    }
    stream.heartbeatDue = true;
    stream.notifier.notify();
  }
}

/** Changes a count, and deletes it at zero. */
function add<Key>(counts: Map<Key, number>, key: Key, change: 1 | -1): void {
  const count = (counts.get(key) ?? 0) + change;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}
