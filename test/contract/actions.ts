import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ACTION_KEPT_MS, type Action } from "../../src/core/action.js";
import type { Moderator } from "../../src/core/case.js";
import type { AddressKey } from "../../src/core/ids.js";
import { eventIdOf } from "../../src/core/log-event.js";
import type { ActionStore } from "../../src/ports/action-store.js";
import { action, idOf, START_MS } from "../support/action.js";
import type { OpenStores, StoreFixture } from "../support/store-fixture.js";

const LAST = Number.MAX_SAFE_INTEGER;
const LATER = { liftedMs: START_MS + 5, by: 'ann "%s" “x”' as Moderator };

/** The contract of every store of actions. */
export function actionStoreContract(create: () => Promise<StoreFixture>): void {
  let fixture: StoreFixture;
  let stores: OpenStores;
  let actions: ActionStore;
  const open = async () => {
    stores = await fixture.open();
    ({ actions } = stores);
  };
  beforeEach(async () => {
    fixture = await create();
    await open();
  });
  afterEach(() => stores.close().then(() => fixture.remove()));

  const names = async (number = LAST, limit = 10) => (await actions.before(number, limit)).map(({ id }) => id);

  it("knows no action at first", async () => {
    expect(await actions.before(LAST, 10)).toEqual([]);
    expect(await actions.after(0, 10)).toEqual([]);
    expect(await actions.lift(idOf("a"), LATER)).toBeUndefined();
    expect(await actions.prune({ nowMs: START_MS, limit: 10 })).toBe(false);
  });

  it("stores an action as it is, once", async () => {
    const said = { reason: 'says "%s" and\n “more” {0}\\', statement: "Please be kind 😀 %d", by: "mod" as Moderator };
    const taken = action("a", said);
    expect(await actions.put(taken)).toEqual(taken);
    expect(await actions.put({ ...taken, reason: "another" })).toEqual(taken);
    expect(await actions.after(0, 10)).toEqual([{ ...taken, number: expect.any(Number) as number }]);
  });

  it("stores an action once that is put several times at once, and returns the same to all", async () => {
    const times = [START_MS, START_MS + 1, START_MS + 2];
    const put = times.map((createdMs) => actions.put(action("a", { createdMs })));
    const [first, ...others] = await Promise.all(put);
    expect(first).toEqual(action("a", { createdMs: START_MS }));
    expect(others).toEqual([first, first]);
    expect(await names()).toEqual(["a"]);
    expect((await stores.events.after(0, 10)).events).toHaveLength(1);
    expect(await stores.cases.auditBefore(LAST, 10)).toHaveLength(1);
  });

  it("lifts an action once, and keeps who did", async () => {
    const taken = action("a");
    await actions.put(taken);
    expect(await actions.lift(idOf("a"), LATER)).toEqual({ action: { ...taken, lift: LATER }, wasInForce: true });
    const again = await actions.lift(idOf("a"), { liftedMs: START_MS + 9, by: "bob" as Moderator });
    expect(again).toEqual({ action: { ...taken, lift: LATER }, wasInForce: false });
    expect(await actions.before(LAST, 10)).toMatchObject([{ lift: LATER }]);
    expect(await actions.put(taken)).toEqual({ ...taken, lift: LATER });
    expect(await actions.before(LAST, 10)).toMatchObject([{ lift: LATER }]);
  });

  it("does not lift an action that has expired", async () => {
    const taken = action("a", { expiresMs: LATER.liftedMs });
    await actions.put(taken);
    const lifted = await actions.lift(idOf("a"), LATER);
    expect(lifted).toEqual({ action: taken, wasInForce: false });
  });

  const seen = (more: { by?: string; acknowledgedMs?: number } = {}) => ({
    keys: ["^browser", more.by ?? "~ann"] as AddressKey[],
    acknowledgedMs: more.acknowledgedMs ?? START_MS + 3,
  });

  it("notes once that a warning was acknowledged, and keeps when", async () => {
    const warning = action("a", { kind: "warn", reason: 'says "%s"' });
    await actions.put(warning);
    expect(await actions.acknowledge(idOf("a"), seen())).toBe(true);
    expect(await actions.acknowledge(idOf("a"), seen({ acknowledgedMs: START_MS + 4 }))).toBe(false);
    await actions.put(warning);
    const noted = { ...warning, acknowledgedMs: START_MS + 3 };
    expect(await actions.before(LAST, 10)).toEqual([{ ...noted, number: expect.any(Number) as number }]);
    expect(await actions.lift(idOf("a"), LATER)).toEqual({ action: { ...noted, lift: LATER }, wasInForce: true });
    expect(await actions.after(0, 10)).toMatchObject([{ ...noted, lift: LATER }]);
    expect(await actions.lift(idOf("a"), LATER)).toEqual({ action: { ...noted, lift: LATER }, wasInForce: false });
    const { events } = await stores.events.after(0, 10);
    expect(events.map(({ event, atMs }) => ({ ...event, atMs }))).toEqual([
      { type: "action_taken", action: warning, atMs: START_MS },
      { type: "action_acknowledged", action: warning, atMs: START_MS + 3 },
      { type: "action_lifted", action: warning, lift: LATER, atMs: LATER.liftedMs },
    ]);
    expect(events.map(eventIdOf)).toEqual(["action_taken_a", "action_acknowledged_a", "action_lifted_a"]);
  });

  it("gives an acknowledged warning a new number, as any change", async () => {
    for (const name of ["a", "b"]) await actions.put(action(name, { kind: "warn" }));
    const known = (await actions.before(LAST, 1))[0]?.number ?? 0;
    await actions.acknowledge(idOf("a"), seen());
    expect((await actions.after(known, 10)).map(({ id }) => id)).toEqual(["a"]);
    expect(await names()).toEqual(["a", "b"]);
  });

  it("notes one acknowledgement of many at the same time", async () => {
    await actions.put(action("a", { kind: "warn", addressKey: "^browser" as AddressKey }));
    const many = await Promise.all(Array.from({ length: 10 }, () => actions.acknowledge(idOf("a"), seen())));
    expect(many.filter(Boolean)).toHaveLength(1);
  });

  it("notes no acknowledgement by others, of other kinds, of what is over, and of what is unknown", async () => {
    await actions.put(action("warning", { kind: "warn" }));
    await actions.put(action("restriction"));
    await actions.put(action("lifted", { kind: "warn" }));
    await actions.lift(idOf("lifted"), { ...LATER, liftedMs: START_MS + 1 });
    const before = await actions.before(LAST, 10);
    const end = START_MS + 60_000;
    expect(await actions.acknowledge(idOf("warning"), seen({ by: "~eve" }))).toBe(false);
    expect(await actions.acknowledge(idOf("warning"), { ...seen(), keys: [] })).toBe(false);
    expect(await actions.acknowledge(idOf("warning"), seen({ acknowledgedMs: end }))).toBe(false);
    for (const name of ["restriction", "lifted", "unknown"]) {
      expect(await actions.acknowledge(idOf(name), seen()), name).toBe(false);
    }
    expect(await actions.before(LAST, 10)).toEqual(before);
    expect(await actions.acknowledge(idOf("warning"), seen({ acknowledgedMs: end - 1 }))).toBe(true);
  });

  it("numbers every change, so that a reader misses none", async () => {
    for (const name of ["a", "b", "c"]) await actions.put(action(name));
    const seen = await actions.after(0, 2);
    expect(seen.map(({ id }) => id)).toEqual(["a", "b"]);
    await actions.lift(idOf("a"), LATER);
    const next = await actions.after(seen[1]?.number ?? 0, 10);
    expect(next.map(({ id, lift }) => [id, lift?.by])).toEqual([
      ["c", undefined],
      ["a", LATER.by],
    ]);
  });

  it("lists in pages, what changed last first", async () => {
    for (const name of ["a", "b", "c"]) await actions.put(action(name));
    await actions.lift(idOf("b"), LATER);
    const [, second] = await actions.before(LAST, 2);
    expect(second?.id).toBe("c");
    expect(await names(second?.number)).toEqual(["a"]);
    expect(await names()).toEqual(["b", "c", "a"]);
  });

  it("returns the stored ones of some actions, as they are now", async () => {
    for (const name of ["a", "b", "c"]) await actions.put(action(name));
    await actions.lift(idOf("a"), LATER);
    expect(await actions.withIds([])).toEqual([]);
    const found = await actions.withIds(["c", "unknown", "a"].map(idOf));
    expect(found).toEqual([action("c"), { ...action("a"), lift: LATER }]);
    const warning = action("w", { kind: "warn" });
    await actions.put(warning);
    await actions.acknowledge(warning.id, { keys: [warning.addressKey], acknowledgedMs: START_MS + 1 });
    expect(await actions.withIds([warning.id])).toEqual([{ ...warning, acknowledgedMs: START_MS + 1 }]);
  });

  describe("about one key", () => {
    const [ann, bob] = ["~ann", "^bob"] as [AddressKey, AddressKey];
    const about = async (key: AddressKey, number = LAST, limit = 10) => await actions.before(number, limit, key);
    const idsOf = (some: readonly Action[]) => some.map(({ id }) => id);

    it("are listed in pages, what changed last first, and none about another", async () => {
      for (const name of ["a1", "a2", "a3"]) await actions.put(action(name, { addressKey: ann }));
      for (const name of ["b1", "b2"]) await actions.put(action(name, { addressKey: bob }));
      await actions.put(action("c", { addressKey: "~anna" as AddressKey }));
      await actions.lift(idOf("a1"), LATER);
      const first = await about(ann, LAST, 2);
      expect(idsOf(first)).toEqual(["a1", "a3"]);
      expect(first[0]).toEqual((await actions.before(LAST, 1))[0]);
      expect(idsOf(await about(ann, first[1]?.number, 2))).toEqual(["a2"]);
      expect(idsOf(await about(bob))).toEqual(["b2", "b1"]);
      expect(await about("~an" as AddressKey)).toEqual([]);
    });

    it("are listed once after they were acknowledged", async () => {
      await actions.put(action("w", { kind: "warn" }));
      await actions.acknowledge(idOf("w"), { keys: [ann], acknowledgedMs: START_MS + 1 });
      expect(await about(ann)).toEqual(await actions.before(LAST, 10));
      expect(idsOf(await about(ann))).toEqual(["w"]);
    });

    it("are listed until they are dropped", async () => {
      await actions.put(action("a1"));
      await actions.put(action("a2", { expiresMs: START_MS + 90_000 }));
      await actions.lift(idOf("a1"), LATER);
      expect(await actions.prune({ nowMs: LATER.liftedMs + ACTION_KEPT_MS, limit: 10 })).toBe(false);
      expect(idsOf(await about(ann))).toEqual(["a2"]);
      await actions.prune({ nowMs: START_MS + 90_000 + ACTION_KEPT_MS, limit: 10 });
      expect(await about(ann)).toEqual([]);
    });

    it("are listed after a restart", async () => {
      for (const name of ["a1", "a2"]) await actions.put(action(name));
      await stores.close();
      await open();
      await actions.put(action("a3"));
      expect(idsOf(await about(ann))).toEqual(["a3", "a2", "a1"]);
    });
  });

  it("stores a limited number of actions", async () => {
    for (const name of ["a", "b"]) expect(await actions.put(action(name), 2)).toEqual(action(name));
    expect(await actions.put(action("c"), 2)).toBeUndefined();
    expect(await actions.put(action("a"), 2)).toEqual(action("a"));
    expect(await actions.lift(idOf("a"), LATER)).toMatchObject({ wasInForce: true });
    expect(await names()).toEqual(["a", "b"]);
  });

  it("drops actions long after their end, in bounded steps", async () => {
    for (const name of ["a", "b", "c", "d"]) await actions.put(action(name));
    await actions.put(action("long", { expiresMs: START_MS + 61_000 }));
    await actions.put(action("seen", { kind: "warn" }));
    await actions.acknowledge(idOf("seen"), seen());
    await actions.lift(idOf("a"), LATER);
    const nowMs = LATER.liftedMs + ACTION_KEPT_MS;
    expect(await actions.prune({ nowMs: nowMs - 1, limit: 10 })).toBe(false);
    expect(await actions.prune({ nowMs, limit: 1 })).toBe(true);
    expect(await names()).toEqual(["seen", "long", "d", "c", "b"]);
    const due = { nowMs: START_MS + 60_000 + ACTION_KEPT_MS, limit: 2 };
    expect(await actions.prune(due)).toBe(true);
    expect(await names()).toHaveLength(3);
    expect(await actions.prune(due)).toBe(true);
    expect(await actions.prune(due)).toBe(false);
    expect(await names()).toEqual(["long"]);
    await actions.put(action("seen", { kind: "warn", createdMs: due.nowMs, expiresMs: due.nowMs + 60_000 }));
    expect(await actions.acknowledge(idOf("seen"), seen({ acknowledgedMs: due.nowMs }))).toBe(true);
    expect(await actions.lift(idOf("a"), LATER)).toBeUndefined();
  });

  it("writes each change to the log once", async () => {
    const taken = action("a", { reason: 'says "%s"' });
    await actions.put(taken);
    await actions.put(taken);
    await actions.lift(idOf("a"), LATER);
    await actions.lift(idOf("a"), LATER);
    await actions.put(action("b"), 1);
    const { events } = await stores.events.after(0, 10);
    expect(events.map(({ event, atMs }) => ({ ...event, atMs }))).toEqual([
      { type: "action_taken", action: taken, atMs: START_MS },
      { type: "action_lifted", action: taken, lift: LATER, atMs: LATER.liftedMs },
    ]);
    expect(events.map(eventIdOf)).toEqual(["action_taken_a", "action_lifted_a"]);
  });

  it("writes each change to the audit log once, in the same step", async () => {
    const taken = action("a", { by: "mod" as Moderator });
    for (let times = 0; times < 2; times++) await actions.put(taken);
    for (let times = 0; times < 2; times++) await actions.lift(idOf("a"), LATER);
    await actions.put(action("b"), 1);
    const entries = await stores.cases.auditBefore(LAST, 10);
    const what = { action: "a", detail: "text_only ~ann", number: expect.any(Number) as number };
    expect(entries).toEqual([
      { act: "action_lifted", by: LATER.by, atMs: LATER.liftedMs, ...what },
      { act: "action_taken", by: "mod", atMs: START_MS, ...what },
    ]);
  });

  it("still has everything after a restart", async () => {
    for (const name of ["a", "b"]) await actions.put(action(name));
    await actions.lift(idOf("a"), LATER);
    await actions.put(action("w", { kind: "warn" }));
    await actions.acknowledge(idOf("w"), seen());
    const before = await actions.before(LAST, 10);
    await stores.close();
    await open();
    expect(await actions.before(LAST, 10)).toEqual(before);
    await actions.put(action("c"));
    expect(await names()).toEqual(["c", "w", "a", "b"]);
  });
}
