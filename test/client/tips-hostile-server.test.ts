import fc from "fast-check";
import { beforeEach, expect, it, vi } from "vitest";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Role } from "../../gen/satoshigle/v1/signal_pb.js";
import { Tip_Role, Tip_State } from "../../gen/satoshigle/v1/tip_pb.js";
import { PaymentFailed, type Wallet } from "../../src/client/index.js";
import { invoiceOf } from "../support/invoice.js";
import { away, limitReached, pass, ScriptedServer, settle, snapshotOf, type ServerStream } from "./scripted-server.js";
import { TipClient, tipsOn } from "./tip-client.js";
import { createStorage, useFakeClock } from "./client-harness.js";

useFakeClock();

const realImmediate = setImmediate;

/** A payment that a wallet was asked for: the tip of the invoice, and the invoice's real amount. */
interface Shown {
  tipId: string;
  /** Undefined: without an amount, on another network, or damaged. It must never be paid. */
  amountMsat: number | undefined;
}

type Outcome = "pending" | "failed" | "lost" | "paid";

/** The pages of one person, a hostile server, and everything that the wallet was asked to pay. */
class HostileServerHarness {
  readonly server = new ScriptedServer();
  readonly storage = createStorage();
  readonly pages: { tipClient: TipClient; stream: ServerStream }[] = [];
  readonly asked: Shown[] = [];
  /** The amount that the person agreed to, by tip. The other tips belong to streams of sats. */
  readonly given = new Map<string, number>();
  readonly shown = new Map<string, Shown & { preimage: string }>();
  readonly budgets: number[] = [];
  outcome: Outcome = "pending";
  refusal: (() => Error) | undefined;

  constructor() {
    this.server.onCall = () => {
      const refusal = this.refusal?.();
      if (refusal) throw refusal;
    };
  }

  async open(): Promise<void> {
    if (this.pages.length >= 4) return;
    const refusal = this.refusal;
    this.refusal = undefined;
    const tipClient = await TipClient.arrive(this.server, { tipStorage: this.storage });
    this.refusal = refusal;
    tipClient.client.setWallet(this.#wallet());
    this.pages.push({ tipClient, stream: this.server.stream });
  }

  /** The tips that streams of sats have offered. */
  get streamed(): { id: string; amountMsat: number }[] {
    const offers = new Map(this.server.offers.map(({ tipId, amountMsat }) => [tipId, Number(amountMsat)]));
    for (const id of this.given.keys()) offers.delete(id);
    return [...offers].map(([id, amountMsat]) => ({ id, amountMsat }));
  }

  /** Creates an invoice for a tip, honest or not. */
  invoice(tipId: string, kind: InvoiceKind, agreedMsat: number): string {
    const [amountMsat, more] = termsOf(kind, agreedMsat);
    const { invoice, preimage } = invoiceOf({ amountMsat, ...more });
    const damaged = kind === "restated" ? invoice.replace(/^lnbcrt\d+[munp]?/, "lnbcrt210n") : invoice;
    const payable = ["right", "dear", "cheap", "expired"].includes(kind);
    this.shown.set(damaged, { tipId, amountMsat: payable ? amountMsat : undefined, preimage });
    return damaged;
  }

  #wallet(): Wallet {
    return {
      makeInvoice: ({ amountMsat }) => Promise.resolve(invoiceOf({ amountMsat }).invoice),
      pay: (invoice) => {
        const shown = this.shown.get(invoice);
        this.asked.push(shown ?? { tipId: "of nobody", amountMsat: undefined });
        if (this.outcome === "paid") return Promise.resolve({ preimage: shown?.preimage ?? "" });
        if (this.outcome === "failed") return Promise.reject(new PaymentFailed("No."));
        if (this.outcome === "lost") return Promise.reject(new Error("timeout"));
        return new Promise(() => undefined);
      },
    };
  }
}

const invoiceKinds = ["right", "dear", "cheap", "open", "foreign", "restated", "expired", "garbage", "none"] as const;
type InvoiceKind = (typeof invoiceKinds)[number];

function termsOf(kind: InvoiceKind, agreedMsat: number): [number | undefined, { network?: "testnet" }] {
  if (kind === "dear" || kind === "restated") return [agreedMsat * 1_000, {}];
  if (kind === "cheap") return [Math.max(1, agreedMsat - 1_000), {}];
  if (kind === "open") return [undefined, {}];
  if (kind === "foreign") return [agreedMsat, { network: "testnet" }];
  return [agreedMsat, {}];
}

type Step = (harness: HostileServerHarness) => Promise<void>;

/** True five times out of six. */
function mostly<T>(right: T, ...wrong: T[]): fc.Arbitrary<T> {
  return fc.oneof({ arbitrary: fc.constant(right), weight: 5 }, { arbitrary: fc.constantFrom(...wrong), weight: 1 });
}

/** A report of the server about a tip. */
const news = fc.record({
  page: mostly(0, 1, 2, 3),
  /** Counted from the newest; below 0, a tip that was never offered. */
  tip: mostly(0, 1, 2, 3, -1),
  state: fc.constantFrom(
    ...[Tip_State.INVOICED, Tip_State.INVOICED, Tip_State.INVOICED, Tip_State.INVOICED, Tip_State.OFFERED],
    ...[Tip_State.SETTLED, Tip_State.DECLINED, Tip_State.CANCELLED, Tip_State.EXPIRED, Tip_State.UNSPECIFIED],
  ),
  role: mostly(Tip_Role.PAYER, Tip_Role.PAYEE, Tip_Role.UNSPECIFIED),
  amount: mostly<string>("right", "dear", "negative", "huge", "odd"),
  invoice: mostly<InvoiceKind>("right", ...invoiceKinds),
  /** The invoice matches the server's report instead of the agreement. */
  consistent: fc.boolean(),
  matchId: mostly("m1", "m2"),
  clockMs: mostly(0, 3_600_000, -3_600_000, 10 ** 12),
  welcome: mostly(false, true),
});

const report: fc.Arbitrary<Step> = news.map((said) => async (harness) => {
  const page = harness.pages[said.page % harness.pages.length];
  const ids = [...new Set(harness.server.offers.map(({ tipId }) => tipId))].reverse();
  const tipId = ids[said.tip] ?? "never-offered";
  if (!page) return;
  const offer = harness.server.offers.find((one) => one.tipId === tipId);
  const agreedMsat = Number(offer?.amountMsat ?? 21_000n);
  const lies: Record<string, number> = { dear: 500_000_000, odd: agreedMsat + 1, negative: -agreedMsat, huge: 2 ** 60 };
  const amountMsat = lies[said.amount] ?? agreedMsat;
  const basisMsat = said.consistent ? Math.abs(amountMsat) : agreedMsat;
  const isText = said.invoice === "garbage" || said.invoice === "none";
  const text = said.invoice === "garbage" ? "lnbcrt1nonsense" : "";
  const nowMs = Date.now() + said.clockMs;
  const isOver = said.invoice === "expired";
  const tip = {
    ...{ tipId, matchId: said.matchId, role: said.role, state: said.state, comment: offer?.comment ?? "" },
    amountMsat: BigInt(amountMsat),
    invoice: isText ? text : harness.invoice(tipId, said.invoice, Math.min(basisMsat, 2 ** 50)),
    createTime: timestampFromMs(nowMs),
    expireTime: timestampFromMs(nowMs + 4_200_000),
    invoiceExpireTime: timestampFromMs(nowMs + (isOver ? -1_000 : 600_000)),
  };
  if (!said.welcome) {
    await page.stream.event({ case: "tipUpdated", value: { tip } });
    return;
  }
  await page.stream.end();
  await pass(500);
  page.stream = harness.server.stream;
  const snapshot = snapshotOf({ case: "inMatch", value: { matchId: "m1", role: Role.ANSWERER, partnerPresent: true } });
  await page.stream.welcome({ ...tipsOn, ...snapshot, tips: [tip] });
});

const give: fc.Arbitrary<Step> = fc
  .record({ page: fc.nat(3), sats: fc.integer({ min: 1, max: 50 }) })
  .map(({ page, sats }) => async (harness) => {
    const client = harness.pages[page % harness.pages.length]?.tipClient.client;
    if (!client) return;
    const before = new Set(client.tips.map(({ id }) => id));
    const given = client.tip(sats * 1_000).catch(() => undefined);
    for (const { id } of client.tips) if (!before.has(id)) harness.given.set(id, sats * 1_000);
    await Promise.race([given, settle()]);
  });

const pay: fc.Arbitrary<Step> = fc.nat(3).map((page) => async (harness) => {
  const client = harness.pages[page % harness.pages.length]?.tipClient.client;
  for (const { id, role } of client?.tips ?? []) {
    if (role === "payer") void client?.payTip(id).catch(() => undefined);
  }
  await settle();
});

const stream: fc.Arbitrary<Step> = fc
  .record({ page: fc.nat(3), sats: fc.integer({ min: 1, max: 60 }) })
  .map(({ page, sats }) => (harness) => {
    if (harness.budgets.length === 0) {
      harness.budgets.push(sats * 1_000);
      const { tipClient } = harness.pages[page % harness.pages.length] ?? {};
      tipClient?.client.streamSats({ msatPerMinute: 60_000, budgetMsat: sats * 1_000 });
    }
    return Promise.resolve();
  });

/** Time passes, or the computer sleeps; the streams stay open. */
const wait: fc.Arbitrary<Step> = fc
  .record({ ms: fc.constantFrom(1_000, 10_000), slept: fc.constantFrom(0, 0, 0, 700_000, 5_000_000) })
  .map(({ ms, slept }) => async (harness) => {
    vi.setSystemTime(Date.now() + slept);
    for (const { stream } of harness.pages) await stream.control({ case: "heartbeat", value: {} });
    await pass(ms);
  });
const reload: fc.Arbitrary<Step> = fc.constant((harness: HostileServerHarness) => harness.open());
const turn: fc.Arbitrary<Step> = fc
  .constantFrom<Outcome>("pending", "failed", "lost", "paid")
  .map((outcome) => (harness) => {
    harness.outcome = outcome;
    return Promise.resolve();
  });
const refuse: fc.Arbitrary<Step> = fc
  .constantFrom(undefined, undefined, away, () => limitReached(1_000))
  .map((refusal) => (harness) => {
    harness.refusal = refusal;
    return Promise.resolve();
  });

const step = fc.oneof(
  { arbitrary: report, weight: 8 },
  { arbitrary: give, weight: 3 },
  { arbitrary: pay, weight: 2 },
  { arbitrary: stream, weight: 1 },
  { arbitrary: wait, weight: 3 },
  { arbitrary: reload, weight: 1 },
  { arbitrary: turn, weight: 1 },
  { arbitrary: refuse, weight: 1 },
);

/** The amount that the person agreed to for a tip. */
function agreed(harness: HostileServerHarness, tipId: string): number | undefined {
  return harness.given.get(tipId) ?? harness.streamed.find(({ id }) => id === tipId)?.amountMsat;
}

let payments = 0;
beforeEach(() => (payments = 0));

it("never asks a wallet for more than was offered, twice for one tip, or for more than a budget", async () => {
  const property = fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40, size: "max" }), async (steps) => {
    const harness = new HostileServerHarness();
    await harness.open();
    for (const act of steps) {
      await act(harness);
      await new Promise<void>((resolve) => realImmediate(resolve));
    }
    await settle();
    for (const { tipClient } of harness.pages) await tipClient.client.close();
    vi.clearAllTimers();
    payments += harness.asked.length;
    for (const { tipId, amountMsat } of harness.asked) expect(amountMsat).toBe(agreed(harness, tipId) ?? "nothing");
    const ids = harness.asked.map(({ tipId }) => tipId);
    expect(ids).toEqual([...new Set(ids)]);
    const streamed = new Set(harness.streamed.map(({ id }) => id));
    const spent = harness.asked.filter(({ tipId }) => streamed.has(tipId)).map(({ amountMsat = 0 }) => amountMsat);
    expect(spent.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(harness.budgets[0] ?? 0);
  });
  await fc.assert(property, { numRuns: 100 });
  // The test proves nothing if the wallet was never asked.
  expect(payments).toBeGreaterThan(15);
}, 120_000);
