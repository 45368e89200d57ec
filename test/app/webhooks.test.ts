import { expect, it } from "vitest";
import { Webhooks, type Receiver } from "../../src/app/webhooks.js";
import type { LogEvent, LogEventType, NumberedEvent } from "../../src/core/log-event.js";
import type { EventLog } from "../../src/ports/event-log.js";
import type { WebhookMessage, WebhookOutcome } from "../../src/ports/webhook-sender.js";
import type { Progress, WebhookStore } from "../../src/ports/webhook-store.js";
import { SlowClock } from "../support/slow-clock.js";

const DAY_MS = 24 * 60 * 60_000;

/** A log that a test fills. */
class Log implements EventLog {
  events: NumberedEvent[] = [];
  dropped = 0;

  add(...types: LogEventType[]): void {
    for (const type of types) {
      const number = (this.events.at(-1)?.number ?? this.dropped) + 1;
      this.events.push({ number, atMs: number, event: { type, addressKey: String(number) } as unknown as LogEvent });
    }
  }

  /** Drops everything so far. */
  drop(): void {
    this.dropped = this.events.at(-1)?.number ?? this.dropped;
    this.events = [];
  }

  after(number: number, limit: number) {
    const events = this.events.filter((event) => event.number > number).slice(0, limit);
    return Promise.resolve({ events, isComplete: number >= this.dropped });
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

function stage(options: { receivers?: string[]; types?: LogEventType[] } = {}) {
  const [log, clock] = [new Log(), new SlowClock()];
  const store = new Store(log);
  const got: string[] = [];
  const answers = new Map<string, WebhookOutcome>();
  const changes: (string | undefined)[] = [];
  const send = (url: string, { id, body }: WebhookMessage): Promise<WebhookOutcome> => {
    const outcome = answers.get(url) ?? { state: "accepted" };
    got.push(`${new URL(url).host} ${body}${outcome.state === "accepted" ? "" : " failed"}`);
    expect(id).not.toBe("");
    return Promise.resolve(outcome);
  };
  const start = async () => {
    const webhooks = new Webhooks({
      ...{ log, store, sender: { send }, clock, random: { id: () => String(++holders), float: () => 0 } },
      meter: { delivered: () => undefined },
      receivers: (options.receivers ?? ["one"]).map(receiver),
      types: new Set(options.types ?? []),
      render: ({ number, event }) => Promise.resolve(event.type === "events_lost" ? "lost" : String(number)),
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
  return { log, clock, store, got, answers, changes, start, pass };
}

it("sends each receiver the events after its first start, in order", async () => {
  const { log, got, start, pass } = stage({ receivers: ["one", "two"] });
  log.add("banned");
  await start();
  await pass(500);
  log.add("banned", "unbanned", "banned");
  await pass(500);
  expect(got.filter((one) => one.startsWith("one"))).toEqual(["one 2", "one 3", "one 4"]);
  expect(got.filter((one) => one.startsWith("two"))).toEqual(["two 2", "two 3", "two 4"]);
});

it("repeats an event until it is accepted, at growing intervals up to a day; the others wait, other receivers do not", async () => {
  const { log, clock, got, answers, changes, store, start, pass } = stage({ receivers: ["one", "two"] });
  await start();
  await pass(500);
  answers.set("https://one/", { state: "failed", problem: "status 500" });
  const since = clock.nowMs();
  log.add("banned", "banned");
  await pass(60_000);
  const failed = got.filter((one) => one === "one 1 failed").length;
  expect(failed).toBe(4); // at once, and after 5, 15 and 35 seconds
  expect(got.filter((one) => one.startsWith("two"))).toEqual(["two 1", "two 2"]);
  expect(store.progress.get("one")).toMatchObject({ failures: 4, failingSinceMs: since + 500, problem: "status 500" });
  Object.assign(store.progress.get("one") ?? {}, { failures: 40, nextAttemptMs: 0 });
  await pass(500);
  const { nextAttemptMs = 0 } = store.progress.get("one") ?? {};
  expect(nextAttemptMs - clock.nowMs()).toBe(DAY_MS);
  answers.clear();
  Object.assign(store.progress.get("one") ?? {}, { nextAttemptMs: 0 });
  await pass(500);
  expect(got.slice(-2)).toEqual(["one 1", "one 2"]);
  const acceptedMs = clock.nowMs();
  expect(store.progress.get("one")).toMatchObject({ failures: 0, failingSinceMs: 0, problem: "", acceptedMs });
  expect(changes).toEqual(["status 500", undefined]);
});

it("waits as long as a receiver asks for", async () => {
  const { log, clock, answers, store, start, pass } = stage();
  await start();
  await pass(500);
  answers.set("https://one/", { state: "failed", problem: "status 429", retryAfterMs: 600_000 });
  log.add("banned");
  await pass(500);
  expect((store.progress.get("one")?.nextAttemptMs ?? 0) - clock.nowMs()).toBe(600_000);
});

it("sends the requested types only, and does not fall behind on the others", async () => {
  const { log, got, store, start, pass } = stage({ types: ["unbanned"] });
  await start();
  await pass(500);
  log.add("banned", "unbanned", "banned");
  await pass(1_000);
  expect(got).toEqual(["one 2"]);
  expect(store.progress.get("one")?.number).toBe(3);
});

it("one instance sends at a time; another continues when it stops", async () => {
  const { log, got, start, pass } = stage();
  const first = await start();
  await pass(500);
  const second = await start();
  log.add("banned");
  await pass(1_000);
  expect(got).toEqual(["one 1"]);
  await first.stop();
  log.add("banned");
  await pass(1_000);
  expect(got).toEqual(["one 1", "one 2"]);
  await second.stop();
});

it("sends an event again when its progress could not be stored, and stops when another instance took over", async () => {
  const { log, got, store, start, pass } = stage();
  await start();
  await pass(500);
  log.add("banned");
  store.save = () => {
    store.leases.set("one", "another");
    return Promise.resolve(false);
  };
  await pass(1_000);
  expect(got).toEqual(["one 1"]);
  store.leases.clear();
  await pass(500);
  expect(got).toEqual(["one 1", "one 1"]);
});

it("tells a receiver that events were dropped before it got them, and continues", async () => {
  const { log, got, store, start, pass } = stage();
  await start();
  await pass(500);
  log.add("banned", "banned");
  log.drop();
  await pass(1_000);
  expect(got).toEqual(["one lost"]);
  expect(store.progress.get("one")).toMatchObject({ number: 2, acceptedMs: expect.any(Number) as number });
  log.add("banned", "banned", "banned");
  log.drop();
  log.add("banned");
  await pass(1_000);
  expect(got).toEqual(["one lost", "one lost", "one 6"]);
});

it("stores progress once for many events, and describes each receiver", async () => {
  const { log, clock, got, store, answers, start, pass } = stage({ receivers: ["one", "two"] });
  const webhooks = await start();
  await pass(500);
  answers.set("https://two/", { state: "failed", problem: "no answer" });
  log.add(...Array.from({ length: 120 }, () => "banned" as const));
  await pass(1_000);
  expect(got.filter((one) => one.startsWith("one"))).toHaveLength(120);
  expect(store.saves).toBeLessThan(8);
  const sentMs = clock.nowMs() - 500;
  expect(await webhooks.status()).toMatchObject([
    { name: "one", failures: 0, nextAttemptMs: 0, problem: "", oldestPendingMs: undefined, acceptedMs: sentMs },
    { name: "two", failures: 1, nextAttemptMs: sentMs + 5_000, problem: "no answer", oldestPendingMs: 1 },
  ]);
  expect((await webhooks.status())[1]).not.toHaveProperty("acceptedMs");
});
