import { DomainError } from "../core/errors.js";
import type { MatchId, SessionId } from "../core/ids.js";
import { NetworkCount } from "../core/network-count.js";
import type { Clock } from "../ports/clock.js";
import type { Random } from "../ports/random.js";
import { Notifier } from "./notifier.js";

/** An open stream of this node, as seen from outside its own loop. */
export class Stream {
  readonly bell = new Notifier();
  heartbeatDue = false;
  /** When the newest event was delivered, and when the mailbox may have something to forget; undefined with nothing. */
  deliveredMs = 0;
  forgetAtMs: number | undefined;
  /** The match whose partner has sent no description yet, and since when that is waited for; for the meter. */
  unheard: { matchId: MatchId; sinceMs: number } | undefined;
  /** Set once the stream should be left for a newer one: how long its client should wait, in milliseconds. */
  drainAfterMs: number | undefined;
  drainTold = false;
  /** The server ends it: the last message is `session_closed`. */
  shutDown = false;
  /** The client went away, or the stream has been told to go long enough. */
  ended = false;

  constructor(
    readonly address: string,
    readonly session: SessionId,
    /** When the client is told to open a newer stream. */
    public retireAtMs: number,
  ) {}

  /** Whether it has to be told something beside events. */
  get hasControls(): boolean {
    return this.heartbeatDue || this.shutDown || (this.drainAfterMs !== undefined && !this.drainTold);
  }

  end(): void {
    this.ended = true;
    this.bell.notify();
  }
}

export interface StreamSettings {
  heartbeatMs: number;
  /** Open streams per host; wider networks may have more (`shareOf`). */
  maxPerAddress: number;
  /** Age at which a stream is replaced by a newer one, so that none grows old behind proxies. */
  lifetimeMs: number;
}

/** A drain that was begun. */
interface Drain {
  ended: Promise<void>;
  /** Ends it early. Idempotent. */
  end: () => void;
}

/** How long a retired stream goes on, so that the newer one takes over without a gap. */
const RETIREMENT_MS = 30_000;
/** How long a stream that was ended may take to say so, in milliseconds; its client may read nothing. */
const LAST_WORDS_MS = 1_000;
/** The heartbeat interval is cut into this many ticks; each serves its share of the streams. */
const SLOTS = 15;

/** The open streams of this node: their number, heartbeats, age and end. One timer serves all, and none while there are none. */
export class Streams {
  readonly #slots = Array.from({ length: SLOTS }, () => new Set<Stream>());
  readonly #perNetwork: NetworkCount;
  readonly #perSession = new Map<SessionId, number>();
  #slot = 0;
  #size = 0;
  #drain: Drain | undefined;
  #stopTicking: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly chance: Random,
    private readonly settings: StreamSettings,
  ) {
    this.#perNetwork = new NetworkCount(settings.maxPerAddress);
  }

  get size(): number {
    return this.#size;
  }

  get draining(): boolean {
    return this.#drain !== undefined;
  }

  /**
   * A stream that takes over from one of the same session counts once, so that a full address can resume.
   * @throws DomainError `limit_reached` with too many from this address, `draining` when this node goes away
   */
  add(address: string, session: SessionId): Stream {
    if (this.#drain !== undefined) {
      throw new DomainError("draining", "this instance is going away; try again", { retryAfterMs: 1000 });
    }
    if (this.#perNetwork.isFull(address) && !this.#perSession.has(session)) {
      const allowed = String(this.settings.maxPerAddress);
      throw new DomainError("limit_reached", `too many streams from this address, ${allowed} are allowed`, {
        retryAfterMs: this.settings.heartbeatMs,
      });
    }
    this.#perNetwork.add(address);
    add(this.#perSession, session, 1);
    const lifetimeMs = this.settings.lifetimeMs * (0.9 + 0.1 * this.chance.float());
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
   * Accepts no more streams and asks the open ones to move, spread over half of `timeoutMs`. Resolves when all are gone or
   * `resume` is called; after `timeoutMs` it ends those that are left, and soon after that stops waiting. Idempotent.
   */
  drain(timeoutMs: number): Promise<void> {
    this.#drain ??= this.#startDrain(timeoutMs);
    return this.#drain.ended;
  }

  /** Undoes `drain`. Streams that were not asked to move yet stay. Idempotent. */
  resume(): void {
    for (const stream of this.#all()) {
      if (!stream.drainTold) stream.drainAfterMs = undefined;
    }
    this.#drain?.end();
    this.#drain = undefined;
  }

  #startDrain(timeoutMs: number): Drain {
    for (const stream of this.#all()) {
      stream.drainAfterMs = Math.round(this.chance.float() * (timeoutMs / 2));
      stream.bell.notify();
    }
    let resolve: () => void = () => undefined;
    const ended = new Promise<void>((done) => (resolve = done));
    let cancel = this.clock.after(timeoutMs, () => {
      for (const stream of this.#all()) {
        stream.shutDown = true;
        stream.bell.notify();
      }
      cancel = this.clock.after(LAST_WORDS_MS, resolve);
    });
    const end = () => {
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
      for (const stream of this.#slots[this.#slot] ?? []) this.#beat(stream);
      this.#stopTicking = this.#tickLater();
    });
  }

  #beat(stream: Stream): void {
    if (this.clock.nowMs() >= stream.retireAtMs) {
      if (stream.drainAfterMs !== undefined) stream.ended = true;
      stream.drainAfterMs ??= 0;
      stream.retireAtMs += RETIREMENT_MS;
    }
    stream.heartbeatDue = true;
    stream.bell.notify();
  }
}

/** Changes a count, which is forgotten at nothing. */
function add<Key>(counts: Map<Key, number>, key: Key, change: 1 | -1): void {
  const count = (counts.get(key) ?? 0) + change;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}
