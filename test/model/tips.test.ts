import fc from "fast-check";
import { afterAll, beforeAll, it } from "vitest";
import { lmdbFixture, type StoreFixture, redisFixture } from "../support/store-fixture.js";
import { RedisServer } from "../support/redis.js";
import type { TipCommand } from "./tip-reference.js";
import { TipComparison } from "./tip-comparison.js";

const pick = fc.constantFrom;
const id = pick("tip-1", "tip-2", "tip-3", "tip-4", "tip-5", "tip-6", "tip-7");
const by = pick("ann", "bob", "bob", "cyd");
const offer = fc
  .record({
    id,
    of: pick(
      { match: "m-1", by: "ann" },
      { match: "m-1", by: "bob" },
      { match: "m-2", by: "cyd" },
      { match: "m-3", by: "ann" },
    ),
    amount: pick(1_000, 2_001),
    comment: pick("", "", "", "ü"),
  })
  .map(({ of, ...rest }): TipCommand => ({ does: "offer", ...of, ...rest }));
/** The first letter stands for the preimage: "a" and "a2" are two invoices with the same payment hash. */
const text = pick("a", "a2", "b", "c", "d", "e", "f");
const word = pick("a", "b", "c", "d", "e", "f");
const command: fc.Arbitrary<TipCommand> = fc.oneof(
  { weight: 3, arbitrary: offer },
  { weight: 5, arbitrary: fc.record({ does: fc.constant("invoice" as const), id, by, text }) },
  { weight: 5, arbitrary: fc.record({ does: fc.constant("confirm" as const), id, by, word }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant("receive" as const), id, by }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("cancel" as const), id, by }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("expire" as const), id }) },
);

interface Step {
  run: (comparison: TipComparison) => Promise<void>;
  toString: () => string;
}

function step<T>(name: string, argument: fc.Arbitrary<T>, run: (comparison: TipComparison, value: T) => Promise<void>) {
  return argument.map((value): Step => ({
    run: (comparison) => run(comparison, value),
    toString: () => `${name}(${JSON.stringify(value)})`,
  }));
}

const minute = 60_000;
const day = 24 * 60 * minute;
const payments = fc.record({
  id,
  letter: word,
  twice: fc.boolean(),
  end: pick("cancel", "expire", undefined),
  said: pick("", "first", "last", "with"),
  waitMs: pick(0, 0, 0, 60 * minute, 61 * minute, day),
});
/** All steps of a tip with the right arguments, which random commands would rarely find; others may interleave. */
const payment = payments.map(({ id, letter, twice, end, said, waitMs }): Step => {
  const sides = { match: "m-1", by: "ann", amount: 1_000, comment: "" };
  const confirm: TipCommand = { does: "confirm", id, by: "ann", word: letter };
  const receive: TipCommand = { does: "receive", id, by: "bob" };
  return {
    run: async (comparison) => {
      await comparison.give([{ does: "offer", id, ...sides }]);
      await comparison.give([{ does: "invoice", id, by: "bob", text: letter }]);
      await comparison.pass(waitMs);
      if (end !== undefined) await comparison.give([{ does: end, id, by: "ann" }]);
      if (said === "first") await comparison.give([receive]);
      const proof = twice ? [confirm, confirm, { does: "cancel" as const, id, by: "ann" }] : [confirm];
      await comparison.give(said === "with" ? [...proof.slice(0, 2), receive, receive] : proof);
      if (said === "last") await comparison.give([receive, receive]);
    },
    toString: () => `payment(${JSON.stringify({ id, letter, twice, end, said, waitMs })})`,
  };
});

const pass = (ms: fc.Arbitrary<number>) => step("pass", ms, (comparison, value) => comparison.pass(value));
const steps = fc.array(
  fc.oneof(
    { weight: 9, arbitrary: step("give", fc.array(command, { minLength: 1, maxLength: 3 }), (w, few) => w.give(few)) },
    { weight: 4, arbitrary: payment },
    { weight: 2, arbitrary: pass(fc.integer({ min: -1_000, max: 90_000 })) },
    { weight: 1, arbitrary: pass(pick(2 * minute, 61 * minute, 3 * day, 17 * day, 401 * day)) },
    { weight: 1, arbitrary: step("sweep", fc.constant(undefined), (comparison) => comparison.sweep()) },
    { weight: 1, arbitrary: step("notify", fc.constant(undefined), (comparison) => comparison.notify()) },
    { weight: 1, arbitrary: step("prune", fc.constant(undefined), (comparison) => comparison.prune()) },
  ),
  { minLength: 20, maxLength: 60, size: "max" },
);

async function runTipModel(create: () => Promise<StoreFixture>, runs: number): Promise<void> {
  const seed = Number(process.env.MODEL_SEED ?? 20_261_127);
  const property = fc.asyncProperty(steps, async (run) => {
    const fixture = await create();
    const stores = await fixture.open();
    try {
      const comparison = new TipComparison(stores.tips);
      for (const one of run) await one.run(comparison);
    } finally {
      await stores.close();
      await fixture.remove();
    }
  });
  await fc.assert(property, { numRuns: Number(process.env.MODEL_RUNS ?? runs), seed });
}

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.close());

it("keeps tips and totals correct in LMDB through random interleavings", () => runTipModel(lmdbFixture, 60));

it("keeps tips and totals correct in Redis through random interleavings", async () => {
  await runTipModel(() => Promise.resolve(redisFixture([redis.url])), 60);
});
