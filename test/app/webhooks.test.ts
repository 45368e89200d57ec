import { expect, it } from "vitest";
import { BASE, stage } from "./support/webhook-stage.js";

const DAY_MS = 24 * 60 * 60_000;

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
  expect(store.progress.get("one")?.number).toBe(BASE + 3);
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
