import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { Tip_State } from "../../gen/satoshigle/v1/tip_pb.js";
import { useFakeClock } from "./client-harness.js";
import type { PaymentPlan } from "./faulty-wallet.js";
import { at, FaultyWorld, type TipPlan, unproven } from "./faulty-world.js";
import { settle } from "./scripted-server.js";

useFakeClock();

/** What takes no time, seconds, longer than a wallet's silence is taken without a word, or longer than a tip lives. */
const someMs = fc.constantFrom(0, 0, 1_500, 4_000, 20_000, 50_000, 900_000);
const several = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 1, maxLength: 4 });

const paid: fc.Arbitrary<PaymentPlan> = fc.record({
  landsAfterMs: someMs,
  answer: fc.constantFrom(
    "proof",
    "proof",
    "no proof",
    "wrong proof",
    "PAYMENT_FAILED",
    "INTERNAL",
    "timeout",
    "never",
  ),
  answersAfterMs: someMs,
  lookups: several(fc.constantFrom("truth", "NOT_FOUND", "INTERNAL", "timeout", "never")),
});
const unpaid: fc.Arbitrary<PaymentPlan> = fc.record({
  landsAfterMs: fc.constant(undefined),
  answer: fc.constantFrom("wrong proof", "PAYMENT_FAILED", "INTERNAL", "QUOTA_EXCEEDED", "timeout", "never"),
  answersAfterMs: someMs,
  lookups: several(fc.constantFrom("truth", "NOT_FOUND", "INTERNAL", "timeout", "never")),
});
const payment = fc.oneof({ arbitrary: paid, weight: 3 }, { arbitrary: unpaid, weight: 1 });

const lie = fc.record({
  state: fc.constantFrom(Tip_State.CANCELLED, Tip_State.DECLINED, Tip_State.EXPIRED),
  afterMs: someMs,
});
const tip: fc.Arbitrary<TipPlan> = fc.record({
  invoicedAfterMs: fc.constantFrom(0, 0, 0, 4_000, undefined),
  repeatsInvoice: fc.constantFrom(false, false, true),
  delaysMs: several(fc.constantFrom(0, 0, 0, 4_000, 20_000, undefined)),
  twice: fc.boolean(),
  lie: fc.option(lie, { nil: undefined, freq: 3 }),
  proofs: several(fc.constantFrom("ok", "ok", "away", "lost", "late", "never")),
});

type Step = (world: FaultyWorld) => Promise<void>;

const give: fc.Arbitrary<Step> = fc.nat(2).map((page) => async (world) => {
  const { tipClient } = at(world.open, page);
  tipClient.client.tip(21_000).catch(() => undefined);
  await settle();
});
/** The person presses a button for the newest tip of a tab. */
const press: fc.Arbitrary<Step> = fc
  .record({ page: fc.nat(2), button: fc.constantFrom("payTip", "payTip", "cancelTip", "putAwayTip") })
  .map(({ page, button }) => async (world) => {
    const { client } = at(world.open, page).tipClient;
    const newest = client.tips.at(-1);
    if (newest) client[button](newest.id).catch(() => undefined);
    await settle();
  });
const wait: fc.Arbitrary<Step> = someMs.map((ms) => (world) => world.advance(Math.min(ms, 60_000) + 5_000));
const open: fc.Arbitrary<Step> = fc.constant((world: FaultyWorld) => world.openPage());
/** A tab is closed, and another opened if it was the last. */
const close: fc.Arbitrary<Step> = fc.nat(2).map((page) => async (world) => {
  await world.closePage(at(world.open, page));
  if (world.open.length === 0) await world.openPage();
});

const step = fc.oneof(
  { arbitrary: give, weight: 4 },
  { arbitrary: wait, weight: 5 },
  { arbitrary: press, weight: 3 },
  { arbitrary: open, weight: 2 },
  { arbitrary: close, weight: 1 },
);

const scenario = fc.record({
  steps: fc.array(step, { minLength: 4, maxLength: 16, size: "max" }),
  tips: several(tip),
  payments: several(payment),
  newsDelayMs: fc.constantFrom(0, 0, 4_000, undefined),
  clockAheadMs: fc.constantFrom(-180_000, 0, 180_000),
});

it("never calls paid money unpaid or unpaid money paid, pays nothing twice, and leaves no tip without a word", async () => {
  let [payments, proofs] = [0, 0];
  const property = fc.asyncProperty(scenario, async ({ steps, tips, payments: plans, newsDelayMs, clockAheadMs }) => {
    const world = new FaultyWorld({ tips, payments: plans, newsDelayMs }, clockAheadMs);
    await world.openPage();
    at(world.open, 0)
      .tipClient.client.tip(21_000)
      .catch(() => undefined);
    await world.advance(5_000);
    for (const act of steps) {
      await act(world);
      await world.advance(1_000);
    }
    world.heal();
    // What a closed tab left is taken up by the next tab that opens.
    if (world.open.length === 3) await world.closePage(at(world.open, 0));
    await world.openPage();
    await world.advance(1_800_000);
    expect(unproven(world)).toEqual([]);
    for (const { tipClient } of world.open) {
      for (const { state } of tipClient.client.tips) expect(["offered", "invoiced", "paying"]).not.toContain(state);
    }
    for (const { tipClient } of world.open) await tipClient.client.close();
    vi.clearAllTimers();
    payments += world.wallet.asked.size;
    proofs += world.server.proofs.length;
  });
  await fc.assert(property, { numRuns: 40, endOnFailure: true });
  // The test proves nothing if nothing was paid.
  expect(
    [payments, proofs].map((count) => count > 10),
    `${String(payments)} ${String(proofs)}`,
  ).toEqual([true, true]);
}, 300_000);
