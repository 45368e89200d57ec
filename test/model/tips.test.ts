import fc from "fast-check";
import { afterAll, beforeAll, it } from "vitest";
import { lmdbPlace, type Place, redisPlace } from "../support/place.js";
import { RedisServer } from "../support/redis.js";
import type { TipCommand } from "./tip-reference.js";
import { TipWorld } from "./tip-world.js";

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
/** The first letter stands for the preimage: "a" and "a2" are two invoices with one payment hash. */
const text = pick("a", "a2", "b", "c", "d", "e", "f");
const word = pick("a", "b", "c", "d", "e", "f");
const command: fc.Arbitrary<TipCommand> = fc.oneof(
  { weight: 3, arbitrary: offer },
  { weight: 5, arbitrary: fc.record({ does: fc.constant("invoice" as const), id, by, text }) },
  { weight: 5, arbitrary: fc.record({ does: fc.constant("confirm" as const), id, by, word }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("cancel" as const), id, by }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("expire" as const), id }) },
);

interface Step {
  run: (world: TipWorld) => Promise<void>;
  toString: () => string;
}

function step<T>(name: string, argument: fc.Arbitrary<T>, run: (world: TipWorld, value: T) => Promise<void>) {
  return argument.map((value): Step => ({
    run: (world) => run(world, value),
    toString: () => `${name}(${JSON.stringify(value)})`,
  }));
}

const minute = 60_000;
const payments = fc.record({ id, letter: word, twice: fc.boolean(), waitMs: pick(0, 0, 0, 60 * minute, 61 * minute) });
/** A tip's whole way with the right words, which chance alone would seldom find; others may come in between. */
const payment = payments.map(({ id, letter, twice, waitMs }): Step => {
  const sides = { match: "m-1", by: "ann", amount: 1_000, comment: "" };
  const confirm: TipCommand = { does: "confirm", id, by: "ann", word: letter };
  return {
    run: async (world) => {
      await world.give([{ does: "offer", id, ...sides }]);
      await world.give([{ does: "invoice", id, by: "bob", text: letter }]);
      await world.pass(waitMs);
      await world.give(twice ? [confirm, confirm, { does: "cancel", id, by: "ann" }] : [confirm]);
    },
    toString: () => `payment(${JSON.stringify({ id, letter, twice, waitMs })})`,
  };
});

const pass = (ms: fc.Arbitrary<number>) => step("pass", ms, (world, value) => world.pass(value));
const steps = fc.array(
  fc.oneof(
    { weight: 9, arbitrary: step("give", fc.array(command, { minLength: 1, maxLength: 3 }), (w, few) => w.give(few)) },
    { weight: 4, arbitrary: payment },
    { weight: 2, arbitrary: pass(fc.integer({ min: -1_000, max: 90_000 })) },
    { weight: 1, arbitrary: pass(pick(2 * minute, 61 * minute, 3 * 24 * 60 * minute, 401 * 24 * 60 * minute)) },
    { weight: 1, arbitrary: step("sweep", fc.constant(undefined), (world) => world.sweep()) },
    { weight: 1, arbitrary: step("tell", fc.constant(undefined), (world) => world.tell()) },
    { weight: 1, arbitrary: step("prune", fc.constant(undefined), (world) => world.prune()) },
  ),
  { minLength: 20, maxLength: 60, size: "max" },
);

async function runTipModel(create: () => Promise<Place>, runs: number): Promise<void> {
  const seed = Number(process.env.MODEL_SEED ?? 20_261_127);
  const property = fc.asyncProperty(steps, async (run) => {
    const place = await create();
    const lasting = await place.open();
    try {
      const world = new TipWorld(lasting.tips);
      for (const one of run) await one.run(world);
    } finally {
      await lasting.close();
      await place.remove();
    }
  });
  await fc.assert(property, { numRuns: Number(process.env.MODEL_RUNS ?? runs), seed });
}

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.close());

it("keeps tips and totals right through random interleavings in LMDB", () => runTipModel(lmdbPlace, 60));

it("keeps tips and totals right through random interleavings in Redis", async () => {
  await runTipModel(() => Promise.resolve(redisPlace([redis.url])), 60);
});
