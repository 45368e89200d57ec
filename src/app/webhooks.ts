import { isStoreAway } from "../core/errors.js";
import { eventIdOf, type LogEventType, type NumberedEvent } from "../core/log-event.js";
import { pauseAfterMs } from "../core/webhook.js";
import type { Clock } from "../ports/clock.js";
import type { EventLog } from "../ports/event-log.js";
import type { WebhookMeter } from "../ports/meter.js";
import type { Random } from "../ports/random.js";
import type { WebhookSender } from "../ports/webhook-sender.js";
import type { Progress, WebhookStore } from "../ports/webhook-store.js";
import { runPeriodically } from "./periodic.js";

/** How often each receiver's events are looked for, in milliseconds. */
const POLL_MS = 500;
/** How many events are read at once; after them, or after this long, progress is stored. */
const BATCH_SIZE = 50;
const SAVE_MS = 5_000;
/**
 * A number before that of every event, as numbers are microseconds since 1970. Number 0, at which a receiver starts if
 * there was no event yet, would not say whether events were dropped.
 */
const BEFORE_ALL = 1;
/** How long an instance may send without a sign of life, in milliseconds: longer than an attempt and a pause. */
const LEASE_MS = 30_000;
/** How long `stop` waits for a receiver, in milliseconds. */
const END_MS = 2_000;

/** A receiver of webhooks. */
export interface Receiver {
  url: string;
  /** Identifies its progress in the store. */
  id: string;
  /** What operators see. Never the URL, which may contain a secret. */
  name: string;
}

/** The state of a receiver, for operators. */
export interface WebhookStatus extends Omit<Progress, "number"> {
  name: string;
  /** When the oldest event that it has not got happened; undefined if it has got all. */
  oldestPendingMs: number | undefined;
}

/** An event to deliver, and the number up to which the receiver has got all events then. */
interface Step {
  event: NumberedEvent;
  number: number;
}

interface WebhooksDependencies {
  log: EventLog;
  store: WebhookStore;
  sender: WebhookSender;
  clock: Clock;
  random: Random;
  meter: WebhookMeter;
  receivers: readonly Receiver[];
  /** The types that are sent; empty for all. */
  types: ReadonlySet<LogEventType>;
  /** The body of a message. */
  render: (event: NumberedEvent) => Promise<string>;
  /** Called when deliveries to a receiver begin to fail, and when they succeed again. */
  onChange: (receiver: Receiver, problem: string | undefined) => void;
  onError: (error: unknown) => void;
}

/**
 * Sends the events of the log to the app's backend: to each receiver in order and at least once. One instance sends to a
 * receiver at a time. An event is repeated until it is accepted; the next one waits for it.
 */
export class Webhooks {
  readonly #holder: string;
  readonly #stops: (() => void)[] = [];
  #isStopped = false;
  /** The deliveries that are under way. */
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(private readonly deps: WebhooksDependencies) {
    this.#holder = deps.random.id();
  }

  /** Starts. Receivers that are new get what happens from now on; if the store is unavailable, from when it is back. */
  async start(): Promise<void> {
    const { clock, receivers, onError } = this.deps;
    await Promise.all(receivers.map((receiver) => this.#greet(receiver)));
    for (const receiver of receivers) {
      const act = () => {
        const delivery = this.#serve(receiver);
        this.#underWay.set(receiver.id, delivery);
        return delivery;
      };
      this.#stops.push(runPeriodically(clock, { pauseMs: POLL_MS, act, onError }));
    }
  }

  /** Stops after the attempts that are under way, or some of their time, and lets other instances continue at once. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const stop of this.#stops) stop();
    await this.#within(END_MS, Promise.allSettled(this.#underWay.values()));
    const releases = this.deps.receivers.map(({ id: receiver }) =>
      this.deps.store.release({ receiver, holder: this.#holder }),
    );
    await Promise.allSettled(releases);
  }

  /** The state of all receivers. @throws DomainError `store_away` */
  async status(): Promise<WebhookStatus[]> {
    const { store, receivers } = this.deps;
    if (receivers.length === 0) return [];
    const all = await store.read(receivers.map(({ id }) => id));
    return Promise.all(receivers.map(({ name }, index) => this.#statusOf(name, all[index])));
  }

  async #within(limitMs: number, promise: Promise<unknown>): Promise<void> {
    let cancel: () => void = () => undefined;
    const limit = new Promise<void>((resolve) => {
      cancel = this.deps.clock.after(limitMs, resolve);
    });
    await Promise.race([promise, limit]);
    cancel();
  }

  async #statusOf(name: string, progress: Progress | undefined): Promise<WebhookStatus> {
    const { number, ...state } = progress ?? start(await this.deps.log.last());
    const [oldest] = (await this.deps.log.after(number, 1)).events;
    return { name, ...state, oldestPendingMs: oldest?.atMs };
  }

  async #greet({ id: receiver }: Receiver): Promise<void> {
    try {
      await this.deps.store.hold({ receiver, holder: this.#holder, leaseMs: LEASE_MS });
    } catch (error) {
      if (!isStoreAway(error)) throw error;
    }
  }

  async #serve(receiver: Receiver): Promise<void> {
    const { store, clock } = this.deps;
    const claim = { receiver: receiver.id, holder: this.#holder, leaseMs: LEASE_MS };
    let progress = await store.hold(claim);
    while (progress !== undefined && clock.nowMs() >= progress.nextAttemptMs && !this.#isStopped) {
      const reached: Progress = await this.#deliverSome(receiver, progress);
      if (reached.number === progress.number && reached.failures === progress.failures) return; // nothing new
      if (!(await store.save({ ...claim, progress: reached }))) return;
      progress = reached;
    }
  }

  /** Delivers the next events, until one fails. Returns how far the receiver is then. */
  async #deliverSome(receiver: Receiver, progress: Progress): Promise<Progress> {
    const { clock } = this.deps;
    const untilMs = clock.nowMs() + SAVE_MS;
    let reached = progress;
    for (const { event, number } of await this.#stepsAfter(progress.number)) {
      if (this.#isWanted(event)) {
        const failed = await this.#deliver(receiver, event, reached);
        if (failed !== undefined) return failed;
        if (reached.failures > 0) this.deps.onChange(receiver, undefined);
        reached = { ...start(number), acceptedMs: clock.nowMs() };
      } else reached = { ...reached, number };
      if (clock.nowMs() >= untilMs || this.#isStopped) break;
    }
    return reached;
  }

  /** The next events of a receiver, after one that says so if some before them were dropped. */
  async #stepsAfter(number: number): Promise<Step[]> {
    const { log, clock } = this.deps;
    const read = () => log.after(Math.max(number, BEFORE_ALL), BATCH_SIZE);
    const { isComplete, ...found } = await read();
    if (isComplete) return found.events.map(toStep);
    // Events may be logged between two reads. If there are none after this one, all up to this one were dropped.
    const last = await log.last();
    const { events } = found.events.length > 0 ? found : await read();
    const lost = { event: lostAfter(number, clock.nowMs()), number: (events[0]?.number ?? last + 1) - 1 };
    return [lost, ...events.map(toStep)];
  }

  /** Returns the progress after a failure; undefined if the receiver accepted the event. */
  async #deliver(receiver: Receiver, event: NumberedEvent, reached: Progress): Promise<Progress | undefined> {
    const { sender, clock, random, meter, render, onChange } = this.deps;
    const outcome = await sender.send(receiver.url, { id: eventIdOf(event), body: await render(event) });
    meter.delivered(outcome.state);
    if (outcome.state === "accepted") return undefined;
    const { problem, retryAfterMs } = outcome;
    const [failures, nowMs] = [reached.failures + 1, clock.nowMs()];
    if (failures === 1) onChange(receiver, problem);
    const nextAttemptMs = nowMs + pauseAfterMs(failures, random.float(), retryAfterMs);
    return { ...reached, failures, failingSinceMs: reached.failingSinceMs || nowMs, nextAttemptMs, problem };
  }

  /** Lost events concern every receiver. */
  #isWanted({ event }: NumberedEvent): boolean {
    const { types } = this.deps;
    return types.size === 0 || types.has(event.type) || event.type === "events_lost";
  }
}

function toStep(event: NumberedEvent): Step {
  return { event, number: event.number };
}

function start(number: number): Progress {
  return { number, failures: 0, failingSinceMs: 0, nextAttemptMs: 0, problem: "" };
}

/** Says that events after a number were dropped before the receiver got them. */
function lostAfter(number: number, atMs: number): NumberedEvent {
  return { number, event: { type: "events_lost", count: 0 }, atMs };
}
