import { afterEach, beforeEach, expect, it } from "vitest";
import { arrived, askedFor, type Deposit, ended, releasing } from "../../src/core/deposit.js";
import type { DepositId, DeviceKey, SessionId } from "../../src/core/ids.js";
import type { DepositStore, StoredDeposit } from "../../src/ports/deposit-store.js";
import type { OpenStores, StoreFixture } from "../support/store-fixture.js";

const NOW = 1_800_000_000_000;
const MAX = 100;

/** The contract of every store of deposits. */
export function depositsContract(create: () => Promise<StoreFixture>): void {
  let fixture: StoreFixture;
  let stores: OpenStores;
  let deposits: DepositStore;
  beforeEach(async () => {
    fixture = await create();
    stores = await fixture.open();
    ({ deposits } = stores);
  });
  afterEach(async () => {
    await stores.close();
    await fixture.remove();
  });

  const session = (name: string) => ({ sessionId: `session-${name}` as SessionId });
  const browser = (name: string) => ({ device: `^${name}` as DeviceKey });
  const of = (name: string, about: Partial<Deposit> = {}): Deposit => ({
    ...askedFor(
      { id: name as DepositId, ...session(name), instance: "i", amountSat: 500, paymentHash: "ab".repeat(32) },
      NOW,
    ),
    ...about,
  });
  async function add(deposit: Deposit): Promise<StoredDeposit> {
    const added = await deposits.add(deposit, MAX);
    if (added.state !== "added") throw new Error(`the deposit is ${added.state}`);
    return added.deposit;
  }
  async function change(next: Deposit, from: StoredDeposit): Promise<StoredDeposit> {
    const changed = await deposits.change(next, from.number);
    if (changed.state !== "changed") throw new Error("the deposit changed meanwhile");
    return changed.deposit;
  }
  const final = (deposit: Deposit, nowMs = NOW) => ended(releasing(deposit, "left", nowMs), nowMs);

  it("stores a deposit, which survives the process", async () => {
    const added = await add(of("a", { ...browser("b") }));
    expect(added).toEqual({ ...of("a", browser("b")), number: added.number });
    await stores.close();
    stores = await fixture.open();
    ({ deposits } = stores);
    expect(await deposits.get("a" as DepositId)).toEqual(added);
    expect(await deposits.latest(session("a"))).toEqual(added);
    expect(await deposits.latest(browser("b"))).toEqual(added);
    expect(await deposits.get("b" as DepositId)).toBeUndefined();
    expect(await deposits.latest(session("b"))).toBeUndefined();
  });

  it("has one open deposit of a session, also of concurrent ones, and another when it is final", async () => {
    const answers = await Promise.all(["a", "b", "c"].map((id) => deposits.add(of(id, session("s")), MAX)));
    expect(answers.map(({ state }) => state).sort()).toEqual(["added", "known", "known"]);
    const latest = await deposits.latest(session("s"));
    if (latest === undefined) throw new Error("there is no deposit");
    expect(answers.map((answer) => "deposit" in answer && answer.deposit)).toEqual([latest, latest, latest]);
    await change(final(latest), latest);
    const next = await add(of("d", session("s")));
    expect(await deposits.latest(session("s"))).toEqual(next);
  });

  it("stores no more than the maximum", async () => {
    await add(of("a"));
    expect(await deposits.add(of("b"), 1)).toEqual({ state: "full" });
    expect(await deposits.get("b" as DepositId)).toBeUndefined();
    expect((await deposits.add(of("c", session("a")), 1)).state).toBe("known");
  });

  it("changes a deposit only from the state that the change was decided on", async () => {
    const first = await add(of("a"));
    const next = arrived(first, 900, NOW + 1);
    const outcomes = await Promise.all([1, 2, 3].map(() => deposits.change(next, first.number)));
    expect(outcomes.map(({ state }) => state).sort()).toEqual(["changed", "stale", "stale"]);
    const stored = await deposits.get("a" as DepositId);
    expect(stored).toEqual({ ...next, number: stored?.number });
    expect(stored?.number).toBeGreaterThan(first.number);
    expect(await deposits.change(of("none"), first.number)).toEqual({ state: "stale" });
  });

  it("returns the open deposits that are due, the one that has been for longest first", async () => {
    await add(of("late", { dueMs: NOW + 20 }));
    await add(of("early", { dueMs: NOW + 10 }));
    await add(of("far", { dueMs: NOW + 1_000 }));
    const over = await add(of("over", { dueMs: NOW }));
    await change(final(over), over);
    const ids = async (nowMs: number, limit = 10) => (await deposits.due(nowMs, limit)).map(({ id }) => id);
    expect(await ids(NOW + 20)).toEqual(["early", "late"]);
    expect(await ids(NOW + 20, 1)).toEqual(["early"]);
    expect(await ids(NOW + 19)).toEqual(["early"]);
    const late = await deposits.get("late" as DepositId);
    if (late === undefined) throw new Error("there is no deposit");
    await change({ ...late, dueMs: NOW + 2_000 }, late);
    expect(await ids(NOW + 1_500)).toEqual(["early", "far"]);
  });

  it("returns the open deposits of an instance", async () => {
    await add(of("a"));
    await add(of("b", { instance: "j" }));
    const over = await add(of("c"));
    await change(final(over), over);
    expect((await deposits.openOf("i", 10)).map(({ id }) => id)).toEqual(["a"]);
    expect((await deposits.openOf("j", 10)).map(({ id }) => id)).toEqual(["b"]);
    expect(await deposits.openOf("k", 10)).toEqual([]);
  });

  it("lists all deposits in pages, the latest changed first", async () => {
    const stored: StoredDeposit[] = [];
    for (const name of ["a", "b", "c"]) stored.push(await add(of(name)));
    const [a, b, c] = stored as [StoredDeposit, StoredDeposit, StoredDeposit];
    const changed = await change(arrived(a, 900, NOW + 1), a);
    expect(await deposits.before(Number.MAX_SAFE_INTEGER, 2)).toEqual([changed, c]);
    expect(await deposits.before(c.number, 2)).toEqual([b]);
  });

  it("drops final deposits that were due before a time, and their place as the latest of a holder", async () => {
    const dueMs: number[] = [];
    for (const [index, name] of ["a", "b", "c"].entries()) {
      const stored = await add(of(name, browser(name)));
      dueMs.push((await change(final(stored, NOW + index), stored)).dueMs);
    }
    const beforeMs = dueMs[2] ?? NaN;
    const open = await add(of("open"));
    const again = await add(of("a2", { ...session("a"), ...browser("a2") }));
    expect(await deposits.prune(beforeMs, 1)).toBe(true);
    expect(await deposits.prune(beforeMs, 5)).toBe(false);
    const left = await deposits.before(Number.MAX_SAFE_INTEGER, 10);
    expect(left.map(({ id }) => id).sort()).toEqual(["a2", "c", "open"]);
    expect(await deposits.latest(session("a"))).toEqual(again);
    expect(await deposits.latest(browser("a"))).toBeUndefined();
    expect(await deposits.latest(session("b"))).toBeUndefined();
    expect(await deposits.get("open" as DepositId)).toEqual(open);
  });
}
