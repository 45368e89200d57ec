import { DomainError, isStoreAway } from "../core/errors.js";
import type { Numbered, Snapshot } from "../core/event.js";
import type { AddressKey, Epoch, SessionId } from "../core/ids.js";
import { limits } from "../core/limits.js";
import { isOpen, newsOf, type TipNews } from "../core/tip.js";
import { signToken } from "../core/token.js";
import type { Chance } from "../ports/chance.js";
import type { Clock } from "../ports/clock.js";
import type { Attachment, Lobby } from "../ports/lobby.js";
import type { Mail, Mailbox, Position } from "../ports/mailbox.js";
import type { Meter } from "../ports/meter.js";
import type { Tips } from "../ports/tips.js";
import type { Bans } from "./bans.js";
import { type Caller, refuseUnknown } from "./caller.js";
import { observe } from "./observe.js";
import { NEWEST } from "./page.js";
import type { Shedding } from "./shedding.js";
import type { Stream, Streams } from "./streams.js";

export interface SessionSettings {
  secret: string;
  maxSessions: number;
  /** How long an away session is kept, in milliseconds. */
  resumeWindowMs: number;
  heartbeatMs: number;
}

export interface StreamStart {
  epoch: Epoch | "";
  lastSequence: number;
}

/** What a stream carries beside the events of the mailbox; never replayed. */
export type Control =
  | {
      type: "welcome";
      sessionId: SessionId;
      token: string;
      epoch: Epoch;
      resumed: boolean;
      lastSequence: number;
      snapshot: Snapshot;
      /** Of a session that came back and was not resumed. */
      tips: readonly TipNews[];
    }
  | { type: "heartbeat" }
  | { type: "draining"; reconnectAfterMs: number }
  | { type: "session_closed"; reason: "replaced" | "expired" | "banned" | "shutting_down"; comeBack: boolean };

export type Delivery = Numbered | { sequence: 0; event: Control };

/** Final tips are told to a session that comes back for this long, in milliseconds. */
const TOLD_MS = 24 * 60 * 60_000;
/** After how long a store that was away is asked again, in milliseconds. */
const STORE_RETRY_MS = 500;

interface Parts {
  lobby: Lobby;
  mailbox: Mailbox;
  tips: Tips;
  streams: Streams;
  shedding: Shedding;
  bans: Bans;
  clock: Clock;
  chance: Chance;
  meter: Meter;
  settings: SessionSettings;
}

/** Opens and resumes sessions, and carries their mailboxes down their streams. */
export class Sessions {
  constructor(private readonly parts: Parts) {}

  /**
   * The stream of a session: `welcome`, then every event once and in order, in batches that belong into one write, as
   * `present` makes them. Ends when the client goes, a newer stream takes over, or the consumer is too slow for the
   * mailbox.
   * @throws DomainError `banned`, `limit_reached`, `session_unknown`, `draining`
   */
  async *open<Batch>(
    caller: Caller,
    start: StreamStart,
    present: (sessionId: SessionId, batch: readonly Delivery[]) => Batch,
  ): AsyncGenerator<Batch, void, undefined> {
    const { streams, bans } = this.parts;
    const addressKey = bans.keyOf(caller.host);
    bans.refuse(addressKey);
    const stream = streams.add(caller.host, caller.sessionId);
    const onAbort = () => {
      stream.end();
    };
    caller.signal.addEventListener("abort", onAbort);
    try {
      const sessionId = caller.sessionId ?? (this.parts.chance.id() as SessionId);
      stream.session = sessionId;
      const attachment = await this.#attach(sessionId, addressKey, caller.sessionId === undefined, start);
      try {
        await bans.refuseLate(addressKey);
        const tips = attachment.resumed || caller.sessionId === undefined ? [] : await this.#tipsOf(sessionId);
        yield present(sessionId, [this.#welcome(sessionId, attachment, tips)]);
        const unwatch = this.parts.mailbox.watch(sessionId, () => stream.bell.ring());
        try {
          const tail = this.#tail(stream, sessionId, attachment);
          while (!stream.ended && !tail.isOver) {
            const batch = await this.#next(stream, tail);
            if (batch.length > 0) yield present(sessionId, batch);
          }
        } finally {
          unwatch();
        }
      } finally {
        await this.#detach(sessionId, attachment.generation);
      }
    } finally {
      caller.signal.removeEventListener("abort", onAbort);
      streams.remove(stream);
    }
  }

  async #attach(sessionId: SessionId, addressKey: AddressKey, isNew: boolean, start: StreamStart): Promise<Attachment> {
    const { lobby, shedding, clock, chance, meter, settings } = this.parts;
    if (isNew) shedding.admit();
    const nowMs = clock.nowMs();
    const freshEpoch = chance.id() as Epoch;
    if (!isNew) {
      const attached = await lobby.attach({ sessionId, addressKey, ...start, newEpoch: freshEpoch, nowMs });
      if (attached.state === "unknown") refuseUnknown();
      if (start.epoch !== "") meter.returned(attached.resumed);
      return attached;
    }
    const { maxSessions } = settings;
    const opened = await lobby.open({ sessionId, addressKey, epoch: freshEpoch, nowMs, maxSessions });
    if (opened.state === "attached") return opened;
    meter.shed("full");
    throw new DomainError("limit_reached", "the server is full; try again soon", {
      retryAfterMs: settings.heartbeatMs,
    });
  }

  /** Puts the session away. While the store is away it tries again by itself: a stream that is gone must not count. */
  async #detach(sessionId: SessionId, generation: number): Promise<void> {
    const { lobby, clock, settings } = this.parts;
    const nowMs = clock.nowMs();
    try {
      await lobby.detach({ sessionId, generation, nowMs, awayUntilMs: nowMs + settings.resumeWindowMs });
    } catch (error) {
      if (!isStoreAway(error)) throw error;
      clock.after(this.#storeRetryMs(), () => void this.#detach(sessionId, generation));
    }
  }

  #welcome(sessionId: SessionId, attachment: Attachment, tips: readonly TipNews[]): Delivery {
    const { epoch, resumed, lastSequence, snapshot } = attachment;
    const token = signToken(this.parts.settings.secret, sessionId);
    return { sequence: 0, event: { type: "welcome", sessionId, token, epoch, resumed, lastSequence, snapshot, tips } };
  }

  /** The tips of a session that may still matter to it. Looked up after it is attached: what changes later is an event. */
  async #tipsOf(sessionId: SessionId): Promise<TipNews[]> {
    const latest = await this.parts.tips.before(NEWEST, limits.toldTips, { sessionId });
    const sinceMs = this.parts.clock.nowMs() - TOLD_MS;
    return latest.filter((tip) => isOpen(tip) || tip.changedMs >= sinceMs).map((tip) => newsOf(tip, sessionId));
  }

  #tail(stream: Stream, sessionId: SessionId, { generation, epoch, lastSequence, resumed }: Attachment): Tail {
    if (lastSequence > 0) stream.forgetAtMs = this.parts.clock.nowMs() + this.#keepMs;
    return { sessionId, generation, epoch, afterSequence: lastSequence, missed: resumed, isOver: false };
  }

  /** What is to be told next; waits for it. Empty when the stream ended meanwhile, or when there is a gap. */
  async #next(stream: Stream, tail: Tail): Promise<readonly Delivery[]> {
    while (!stream.ended) {
      const mail = await this.#read(stream, tail);
      if (mail.state !== "events") {
        tail.isOver = true;
        return lastWords(mail);
      }
      const last = mail.events.at(-1);
      if (last !== undefined) {
        stream.deliveredMs = this.parts.clock.nowMs();
        observe(this.parts.meter, stream, mail.events, stream.deliveredMs, tail.missed);
        tail.missed = false;
        tail.afterSequence = last.sequence;
        stream.forgetAtMs ??= stream.deliveredMs + this.#keepMs;
        return mail.events;
      }
      tail.missed = false;
      const controls = await this.#controls(stream, tail.sessionId);
      tail.isOver = stream.shutDown;
      if (controls.length > 0 || tail.isOver) return controls;
      await stream.bell.rings();
    }
    return [];
  }

  /** Reads the mailbox. While the store is away there is nothing to tell, and the stream stays open. */
  async #read(stream: Stream, position: Position): Promise<Mail> {
    try {
      return await this.parts.mailbox.read(position);
    } catch (error) {
      if (!isStoreAway(error)) throw error;
      this.parts.clock.after(this.#storeRetryMs(), () => {
        stream.bell.ring();
      });
      return { state: "events", events: [] };
    }
  }

  /** When to ask the store again: not all streams at once. */
  #storeRetryMs(): number {
    return STORE_RETRY_MS * (0.5 + this.parts.chance.fraction());
  }

  /** How long a delivered event is kept for a stream that resumes, in milliseconds. */
  get #keepMs(): number {
    const { resumeWindowMs, heartbeatMs } = this.parts.settings;
    return resumeWindowMs + 2 * heartbeatMs;
  }

  /** Lets the mailbox forget what nobody can ask for any more. The store is not asked while there is nothing of the kind. */
  async #forget(stream: Stream, sessionId: SessionId): Promise<void> {
    const nowMs = this.parts.clock.nowMs();
    if (stream.forgetAtMs === undefined || nowMs < stream.forgetAtMs) return;
    try {
      await this.parts.mailbox.trim(sessionId, nowMs - this.#keepMs);
      const next = stream.deliveredMs + this.#keepMs;
      stream.forgetAtMs = next > nowMs ? next : undefined;
    } catch (error) {
      if (!isStoreAway(error)) throw error; // the next heartbeat makes up for it
    }
  }

  /** What is due on a stream on which nothing else is. */
  async #controls(stream: Stream, sessionId: SessionId): Promise<Delivery[]> {
    const controls: Delivery[] = [];
    if (stream.heartbeatDue) {
      stream.heartbeatDue = false;
      controls.push({ sequence: 0, event: { type: "heartbeat" } });
      await this.#forget(stream, sessionId);
    }
    if (stream.drainAfterMs !== undefined && !stream.drainTold) {
      stream.drainTold = true;
      controls.push({ sequence: 0, event: { type: "draining", reconnectAfterMs: stream.drainAfterMs } });
    }
    if (stream.shutDown) controls.push(closed("shutting_down", true));
    return controls;
  }
}

/** How far a stream has told its mailbox. */
interface Tail extends Position {
  /** Whether what comes next was missed while there was no stream. */
  missed: boolean;
  /** Nothing follows. */
  isOver: boolean;
}

/** What a stream says at its end; of a gap, nothing. */
function lastWords(mail: Exclude<Mail, { state: "events" }>): Delivery[] {
  if (mail.state === "gap") return [];
  return [mail.state === "replaced" ? closed("replaced", false) : closed(mail.reason, mail.reason === "expired")];
}

type Closing = Extract<Control, { type: "session_closed" }>;

function closed(reason: Closing["reason"], comeBack: boolean): Delivery {
  return { sequence: 0, event: { type: "session_closed", reason, comeBack } };
}
