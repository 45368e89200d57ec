import fc from "fast-check";
import type { SessionId } from "../../src/core/ids.js";
import type { MatchingSchema } from "../../src/core/matching-schema.js";
import { type Adapter, LobbyComparison } from "./lobby-comparison.js";
import { schemas, type Wish, wishIn } from "./wishes.js";

type Step = (comparison: LobbyComparison) => Promise<void>;
interface Command {
  text: string;
  run: Step;
}

const names = ["ann", "bob", "cyd", "dan", "eve"].map((name) => name as SessionId);
const id = fc.constantFrom(...names);
function command<T extends unknown[]>(
  name: string,
  args: { [K in keyof T]: fc.Arbitrary<T[K]> },
  run: (comparison: LobbyComparison, ...args: T) => Promise<void>,
): fc.Arbitrary<Command> {
  return fc.tuple<T>(...args).map((values) => ({
    text: `${name}(${values.map((value) => JSON.stringify(value)).join(", ")})`,
    run: (comparison) => run(comparison, ...values),
  }));
}

const pick = fc.constantFrom;
const commandsWith = (wish: fc.Arbitrary<Wish>) =>
  fc.oneof(
    {
      weight: 3,
      arbitrary: command("attach", [id, pick("everything", "half", "another_epoch", "too_much")], (w, ...a) =>
        w.attach(...a),
      ),
    },
    {
      weight: 4,
      arbitrary: command("detach", [id, pick("newest", "newest", "older"), pick("long", "long", "short")], (w, ...a) =>
        w.detach(...a),
      ),
    },
    {
      weight: 9,
      arbitrary: command("match", [id, wish, fc.boolean(), pick("nothing", "current", "older")], (w, ...a) =>
        w.match(...a),
      ),
    },
    { weight: 2, arbitrary: command("leave", [id], (w, ...a) => w.leave(...a)) },
    {
      weight: 6,
      arbitrary: command(
        "send",
        [
          id,
          pick("current", "current", "older", "foreign"),
          pick("next", "next", "again", "skipped"),
          pick("candidates", "offer", "answer", "both"),
        ],
        (w, ...a) => w.send(...a),
      ),
    },
    {
      weight: 2,
      arbitrary: command("report", [id, pick("current", "latest", "first", "foreign")], (w, ...a) => w.report(...a)),
    },
    { weight: 1, arbitrary: command("ban", [id], (w, ...a) => w.ban(...a)) },
    { weight: 1, arbitrary: command("stall", [], (w) => w.stall(names)) },
    { weight: 4, arbitrary: command("pass", [fc.integer({ min: 1, max: 25_000 })], (w, ...a) => w.pass(...a)) },
    { weight: 1, arbitrary: command("pass", [fc.integer({ min: 55_000, max: 650_000 })], (w, ...a) => w.pass(...a)) },
  );

/** One step: a command, repeated if its reply was lost. */
const stepWith = (wish: fc.Arbitrary<Wish>) =>
  fc.tuple(commandsWith(wish), fc.boolean()).map(([{ text, run }, twice]) => ({
    run: async (comparison: LobbyComparison) => {
      await run(comparison);
      if (twice) await run(comparison);
    },
    toString: () => (twice ? `${text} twice` : text),
  }));

const runsIn = (schema: MatchingSchema) =>
  fc.record({ schema: fc.constant(schema), steps: fc.array(stepWith(wishIn(schema)), { maxLength: 60, size: "max" }) });

/**
 * Runs five sessions through random interleavings and checks each answer, each event and the invariants of the design
 * after every step, by the usual schema or by random ones. `seed` makes a run repeatable. With `settlesMs`, searches pause before they have visited all
 * candidates, and compatible sessions are paired within this time.
 */
export async function runLobbyModel(
  create: () => Promise<Adapter>,
  runs: number,
  seed: number,
  settlesMs = 0,
  schema = schemas.usual,
): Promise<void> {
  const property = fc.asyncProperty(schema.chain(runsIn), async ({ schema: one, steps }) => {
    const adapter = await create();
    try {
      const comparison = new LobbyComparison(adapter, one, settlesMs);
      for (const name of names) await comparison.open(name);
      for (const one of steps) {
        await comparison.pass(16);
        await one.run(comparison);
      }
      await comparison.checker.checkLog();
    } finally {
      await adapter.close();
    }
  });
  await fc.assert(property, { numRuns: runs, seed, endOnFailure: false });
}
