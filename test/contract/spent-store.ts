import { afterEach, beforeEach, expect, it } from "vitest";
import type { SpentStore } from "../../src/ports/spent-store.js";

export interface OpenSpentStore {
  /** The same solutions, as two instances see them. */
  stores: [SpentStore, SpentStore];
  close(): Promise<void>;
}

/** The contract of all stores of used solutions. `create` opens an empty one. */
export function spentStoreContract(create: () => Promise<OpenSpentStore>): void {
  let opened: OpenSpentStore;
  /** Long ago: clocks may differ. */
  const nowMs = 1_700_000_000_000;
  beforeEach(async () => {
    opened = await create();
  });
  afterEach(() => opened.close());

  const spend = (id: string, { atMs = nowMs, expiresMs = nowMs + 60_000, max = 100, instance = 0 } = {}) =>
    (opened.stores[instance] ?? opened.stores[0]).spend({ id, expiresMs, nowMs: atMs, max });

  it("accepts each ID once, on any instance", async () => {
    expect(await spend("one")).toBe("fresh");
    expect(await spend("one")).toBe("spent");
    expect(await spend("one", { instance: 1 })).toBe("spent");
    expect(await spend("another", { instance: 1 })).toBe("fresh");
  });

  it("accepts one of concurrent uses", async () => {
    const uses = await Promise.all(Array.from({ length: 100 }, (_, index) => spend("one", { instance: index % 2 })));
    expect(uses.filter((use) => use === "fresh")).toHaveLength(1);
  });

  it("remembers an ID until it expires, however many others expire meanwhile", async () => {
    await spend("long");
    for (let index = 0; index < 20; index++) await spend(`short ${String(index)}`, { expiresMs: nowMs + 1_000 });
    expect(await spend("long", { atMs: nowMs + 59_999 })).toBe("spent");
  });

  it("refuses further IDs beyond the limit instead of forgetting one, until some expire", async () => {
    for (let index = 0; index < 3; index++) expect(await spend(String(index), { max: 3 })).toBe("fresh");
    expect(await spend("3", { max: 3 })).toBe("full");
    expect(await spend("0", { max: 3 })).toBe("spent");
    expect(await spend("3", { max: 3, atMs: nowMs + 60_001, expiresMs: nowMs + 120_000 })).toBe("fresh");
  });
}
