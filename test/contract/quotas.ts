import { afterEach, beforeEach, expect, it } from "vitest";
import type { Quotas, Taking } from "../../src/ports/quotas.js";
import { soon } from "../support/soon.js";

const HOUR_MS = 3_600_000;
const taken: Taking = { state: "taken" };

export interface OpenQuotas {
  quotas: Quotas;
  close(): Promise<void>;
}

/** The contract of all quotas. `create` opens new ones. */
export function quotasContract(create: () => Promise<OpenQuotas>): void {
  let opened: OpenQuotas;
  beforeEach(async () => {
    opened = await create();
  });
  afterEach(() => opened.close());

  const take = (name: string, max: number, windowMs = HOUR_MS) =>
    opened.quotas.take({ name, max, windowMs, nowMs: Date.now() });

  async function retryMs(name: string, max: number): Promise<number> {
    const refused = await take(name, max);
    if (refused.state === "taken") throw new Error("the quota was not used up");
    return refused.retryAfterMs;
  }

  it("grants up to the limit, and then returns the retry delay", async () => {
    for (let count = 0; count < 3; count++) expect(await take("turn:ann", 3)).toEqual(taken);
    const afterMs = await retryMs("turn:ann", 3);
    expect(afterMs).toBeGreaterThan(HOUR_MS - 60_000);
    expect(afterMs).toBeLessThanOrEqual(HOUR_MS);
  });

  it("counts each name separately", async () => {
    expect(await take("turn:ann", 1)).toEqual(taken);
    expect(await take("turn:bob", 1)).toEqual(taken);
    expect(await take("turn:ann", 1)).toMatchObject({ state: "used_up" });
  });

  it("does not exceed the limit for concurrent calls", async () => {
    const takings = await Promise.all(Array.from({ length: 20 }, () => take("turn:ann", 5)));
    expect(takings.filter(({ state }) => state === "taken")).toHaveLength(5);
  });

  it("starts the window with the first call, and not again with later ones", async () => {
    await take("turn:ann", 2);
    const firstMs = Date.now();
    await soon(() => expect(Date.now()).toBeGreaterThan(firstMs + 10));
    const passedMs = Date.now() - firstMs;
    expect(await take("turn:ann", 2)).toEqual(taken);
    expect(await retryMs("turn:ann", 2)).toBeLessThanOrEqual(HOUR_MS - passedMs + 1); // two clocks, each in whole ms
  });

  it("grants again when the window is over, however often it refused meanwhile", async () => {
    expect(await take("turn:ann", 1, 200)).toEqual(taken);
    await soon(async () => expect(await take("turn:ann", 1, 200)).toEqual(taken));
  });
}
