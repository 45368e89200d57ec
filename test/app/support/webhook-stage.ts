import { expect } from "vitest";
import { Webhooks, type Receiver } from "../../../src/app/webhooks.js";
import type { LogEvent, LogEventType, NumberedEvent } from "../../../src/core/log-event.js";
import type { EventLog } from "../../../src/ports/event-log.js";
import type { WebhookMessage, WebhookOutcome } from "../../../src/ports/webhook-sender.js";
import type { Progress, WebhookStore } from "../../../src/ports/webhook-store.js";
import { SlowClock } from "../../support/slow-clock.js";

/** Numbers of events are large. In messages, tests count from here. */
export const BASE = 1_000_000;

/** A log that a test fills. */
class Log implements EventLog {
  events: NumberedEvent[] = [];
  /** The number of the last event that was dropped; 0 if none was. */
  dropped = 0;
  /** What happens once after a look that found that all events after a number were dropped. */
  onEmpty: (() => void) | undefined;

  add(...types: LogEventType[]): void {
    for (const type of types) {
      const number = Math.max(this.events.at(-1)?.number ?? this.dropped, BASE) + 1;
      this.events.push({
        number,
        atMs: number - BASE,
        event: { type, addressKey: String(number) } as unknown as LogEvent,
      });
    }
  }

  /** Drops everything so far. */
  drop(): void {
    this.dropped = this.events.at(-1)?.number ?? this.dropped;
    this.events = [];
  }

  after(number: number, limit: number) {
    const events = this.events.filter((event) => event.number > number).slice(0, limit);
    // Number 0 is where a reader begins that has no cursor: it lost nothing.
    const isComplete = number === 0 || number >= this.dropped;
    if (!isComplete && events.length === 0) {
      this.onEmpty?.();
      this.onEmpty = undefined;
    }
    return Promise.resolve({ events, isComplete });
  }

  before = () => Promise.resolve([]);
  last = () => Promise.resolve(this.events.at(-1)?.number ?? this.dropped);
  prune = () => Promise.resolve(false);
}

/** Progress that instances share. */
class Store implements WebhookStore {
  readonly progress = new Map<string, Progress>();
  readonly leases = new Map<string, string>();
  saves = 0;

  constructor(private readonly log: Log) {}

  async hold({ receiver, holder }: { receiver: string; holder: string }): Promise<Progress | undefined> {
    if ((this.leases.get(receiver) ?? holder) !== holder) return undefined;
    this.leases.set(receiver, holder);
    const number = await this.log.last();
    const start = { number, failures: 0, failingSinceMs: 0, nextAttemptMs: 0, problem: "" };
    if (!this.progress.has(receiver)) this.progress.set(receiver, start);
    return this.progress.get(receiver);
  }

  save({ receiver, holder, progress }: { receiver: string; holder: string; progress: Progress }): Promise<boolean> {
    if (this.leases.get(receiver) !== holder) return Promise.resolve(false);
    this.saves++;
    this.progress.set(receiver, progress);
    return Promise.resolve(true);
  }

  release({ receiver, holder }: { receiver: string; holder: string }): Promise<void> {
    if (this.leases.get(receiver) === holder) this.leases.delete(receiver);
    return Promise.resolve();
  }

  read = (receivers: readonly string[]) => Promise.resolve(receivers.map((one) => this.progress.get(one)));
}

const receiver = (name: string): Receiver => ({ url: `https://${name}/`, id: name, name });
let holders = 0;

/** Webhooks with a log and a store that a test controls. */
export function stage(options: { receivers?: string[]; types?: LogEventType[] } = {}) {
  const [log, clock] = [new Log(), new SlowClock()];
  const store = new Store(log);
  const got: string[] = [];
  const answers = new Map<string, WebhookOutcome>();
  const changes: (string | undefined)[] = [];
  /** What happens while a message is sent. */
  const meanwhile: { act: () => unknown } = { act: () => undefined };
  const send = async (url: string, { id, body }: WebhookMessage): Promise<WebhookOutcome> => {
    const outcome = answers.get(url) ?? { state: "accepted" };
    got.push(`${new URL(url).host} ${body}${outcome.state === "accepted" ? "" : " failed"}`);
    expect(id).not.toBe("");
    await meanwhile.act();
    return outcome;
  };
  const start = async () => {
    const webhooks = new Webhooks({
      ...{ log, store, sender: { send }, clock, random: { id: () => String(++holders), float: () => 0 } },
      meter: { delivered: () => undefined },
      receivers: (options.receivers ?? ["one"]).map(receiver),
      types: new Set(options.types ?? []),
      render: ({ number, event }) => Promise.resolve(event.type === "events_lost" ? "lost" : String(number - BASE)),
      onChange: (_, problem) => changes.push(problem),
      onError: (error) => {
        throw error;
      },
    });
    await webhooks.start();
    return webhooks;
  };
  /** Lets time pass in steps, so that what each step causes happens. */
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 500) {
      await clock.pass(Math.min(left, 500));
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    }
  };
  return { log, clock, store, got, answers, changes, meanwhile, start, pass };
}
