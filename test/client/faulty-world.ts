import { Code, ConnectError } from "@connectrpc/connect";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, vi } from "vitest";
import { Tip_Role, Tip_State } from "../../gen/satoshigle/v1/tip_pb.js";
import type { Tip } from "../../src/client/index.js";
import { NwcWallet } from "../../src/client/wallets/index.js";
import { invoiceOf } from "../support/invoice.js";
import { createStorage } from "./client-harness.js";
import { FaultyWallet, hashOf, type PaymentPlan } from "./faulty-wallet.js";
import { away, pass, ScriptedServer, type ServerStream } from "./scripted-server.js";
import { TipClient } from "./tip-client.js";

/** Not controlled by the fake clock, because hashes take real time. */
const realImmediate = setImmediate;
const STEP_MS = 5_000;
/** How long a wallet may be silent, and this test slow, before a person is told. */
const SILENCE_MS = 45_000;
/** A tip of the tests lives this long on the server. */
const TIP_LIFE_MS = 600_000;

/** What becomes of one tip between the server and the payee. */
export interface TipPlan {
  /** When the payee answers; undefined if never. */
  invoicedAfterMs: number | undefined;
  /** The payee sends the invoice of the tip before. */
  repeatsInvoice: boolean;
  /** Each report of the server arrives so late, in turn; undefined if it is lost. */
  delaysMs: (number | undefined)[];
  twice: boolean;
  /** An end that the server reports wrongly, and when. */
  lie: { state: Tip_State; afterMs: number } | undefined;
  /** What happens to the proof at first, in turn: it is taken, but the answer is an error, late, or never comes. */
  proofs: ("ok" | "away" | "lost" | "late" | "never")[];
}

interface ServerTip {
  plan: TipPlan;
  wire: { tipId: string; matchId: string; amountMsat: bigint; invoice: string; comment: string };
  startMs: number;
  preimage: string;
  state: Tip_State;
  reports: number;
  proofs: number;
  page: Page;
}

interface Page {
  tipClient: TipClient;
  stream: ServerStream;
  isClosed: boolean;
  /** Since when each tip has been with the wallet without a word to the person. */
  silentSinceMs: Map<string, number>;
}

/** A person with several tabs and a wallet, a server and a payee, all of which fail as planned. */
export class FaultyWorld {
  readonly server = new ScriptedServer();
  readonly wallet: FaultyWallet;
  readonly pages: Page[] = [];
  readonly tips = new Map<string, ServerTip>();
  readonly #storage = createStorage();
  readonly #listeners = new Set<(event: { key: string; newValue: string | null }) => void>();
  #due: { atMs: number; run: () => Promise<void> }[] = [];
  #healed = false;
  /** What was wrongly said to the person. */
  #wrong: string[] = [];

  constructor(
    private readonly plans: { tips: TipPlan[]; payments: PaymentPlan[]; newsDelayMs: number | undefined },
    clockAheadMs: number,
  ) {
    const { payments } = plans;
    this.wallet = new FaultyWallet((count) => at(payments, count));
    this.server.clockAheadMs = clockAheadMs;
    this.server.onCall = (name) => this.#called(name);
    vi.stubGlobal("addEventListener", (type: string, listener: never) => {
      if (type === "storage") this.#listeners.add(listener);
    });
  }

  /** The tabs that are open. */
  get open(): Page[] {
    return this.pages.filter(({ isClosed }) => !isClosed);
  }

  async openPage(): Promise<void> {
    if (this.open.length >= 3) return;
    const tipClient = await TipClient.arrive(this.server, { tipStorage: this.#shared() });
    const page: Page = { tipClient, stream: this.server.stream, isClosed: false, silentSinceMs: new Map() };
    tipClient.client.on("tip", (tip) => page.isClosed || this.#wrong.push(...this.#wrongAbout(tip)));
    tipClient.client.setWallet(new NwcWallet(() => Promise.resolve(this.wallet.connection(() => page.isClosed))));
    this.pages.push(page);
  }

  async closePage(page: Page): Promise<void> {
    page.isClosed = true;
    await page.tipClient.client.close();
  }

  /** Everything works from now on. */
  heal(): void {
    this.#healed = true;
    this.wallet.healed = true;
  }

  async advance(ms: number): Promise<void> {
    for (let leftMs = ms; leftMs > 0; leftMs -= STEP_MS) {
      await pass(Math.min(leftMs, STEP_MS));
      for (const page of this.open) await page.stream.control({ case: "heartbeat", value: {} });
      await this.#runDue();
      for (let turns = 0; turns < 4; turns++) await new Promise<void>((resolve) => realImmediate(resolve));
      this.#checkAll();
    }
  }

  /** What runs may add something that is due at once. */
  async #runDue(): Promise<void> {
    for (;;) {
      const next = this.#due.findIndex(({ atMs }) => atMs <= Date.now());
      const [due] = next < 0 ? [] : this.#due.splice(next, 1);
      if (!due) return;
      await due.run();
    }
  }

  /** What is not true of what a person sees of a tip. */
  #wrongAbout(tip: Tip): string[] {
    const { invoice = "", state, problemCode } = tip;
    const saysUnpaid = ["declined", "cancelled"].includes(state) || problemCode === "payment_failed";
    const saysPaid = ["unconfirmed", "settled"].includes(state) || problemCode === "not_confirmed";
    const other = [...this.tips.values()].find(({ wire }) => wire.invoice === invoice && wire.tipId !== tip.id);
    const about = `${state} ${problemCode ?? ""}`;
    if (saysUnpaid && !other && this.wallet.leaves(invoice)) return [`paid, but said to be ${about}`];
    return saysPaid && !this.wallet.hasLeft(invoice) ? [`unpaid, but said to be ${about}`] : [];
  }

  #checkAll(): void {
    for (const { tipClient, silentSinceMs } of this.open) {
      for (const tip of tipClient.client.tips) {
        this.#wrong.push(...this.#wrongAbout(tip));
        const isSilent = tip.state === "paying" && tip.problem === undefined;
        if (!isSilent) silentSinceMs.delete(tip.id);
        else if (!silentSinceMs.has(tip.id)) silentSinceMs.set(tip.id, Date.now());
        expect(Date.now() - (silentSinceMs.get(tip.id) ?? Date.now()), "silence").toBeLessThan(SILENCE_MS);
      }
    }
    expect(this.#wrong).toEqual([]);
    for (const [hash, times] of this.wallet.asked) expect(times, hash).toBe(1);
  }

  #called(name: string): Promise<void> | void {
    if (name === "offerTip") this.#offered();
    if (name === "cancelTip") this.#cancelled();
    if (name === "confirmTip") return this.#confirmed();
  }

  #offered(): void {
    const offer = this.server.offers.at(-1);
    const page = this.open.find(({ tipClient }) => tipClient.client.tips.some(({ id }) => id === offer?.tipId));
    if (!offer || !page || this.tips.has(offer.tipId)) return;
    const { tipId, matchId, amountMsat, comment } = offer;
    const plan = at(this.plans.tips, this.tips.size);
    const tip: ServerTip = {
      ...{ plan, page, startMs: Date.now(), preimage: "", state: Tip_State.OFFERED, reports: 0, proofs: 0 },
      wire: { tipId, matchId, amountMsat, comment, invoice: "" },
    };
    const before = [...this.tips.values()].at(-1);
    this.tips.set(tipId, tip);
    const { invoicedAfterMs, lie } = plan;
    if (invoicedAfterMs !== undefined) this.#after(invoicedAfterMs, () => this.#invoice(tip, before));
    if (lie) this.#after(lie.afterMs, () => this.#report(tip, lie.state));
    this.#after(TIP_LIFE_MS, () => this.#end(tip, Tip_State.EXPIRED));
  }

  #invoice(tip: ServerTip, before: ServerTip | undefined): void {
    const repeats = tip.plan.repeatsInvoice && before !== undefined && before.wire.invoice !== "";
    const made = invoiceOf({ amountMsat: Number(tip.wire.amountMsat) });
    const { invoice, preimage } = repeats ? { invoice: before.wire.invoice, preimage: before.preimage } : made;
    this.wallet.issue(invoice, preimage);
    Object.assign(tip, { preimage, state: Tip_State.INVOICED, wire: { ...tip.wire, invoice } });
    this.#report(tip, Tip_State.INVOICED);
  }

  #end(tip: ServerTip, state: Tip_State): void {
    if (tip.state !== Tip_State.OFFERED && tip.state !== Tip_State.INVOICED) return;
    tip.state = state;
    this.#report(tip, state);
  }

  #cancelled(): void {
    const tip = this.tips.get(this.server.cancels.at(-1)?.tipId ?? "");
    if (tip?.state === Tip_State.SETTLED) throw new ConnectError("it was paid", Code.FailedPrecondition);
    if (tip) this.#end(tip, Tip_State.CANCELLED);
  }

  /** Takes a true proof in whatever state the tip is, as the server does. */
  async #confirmed(): Promise<void> {
    const proof = this.server.proofs.at(-1);
    const tip = this.tips.get(proof?.tipId ?? "");
    if (!tip || proof?.preimage !== tip.preimage) throw new ConnectError("no proof", Code.InvalidArgument);
    const fault = this.#healed ? "ok" : at(tip.plan.proofs, tip.proofs++);
    if (fault === "away") throw away();
    if (tip.state !== Tip_State.SETTLED) {
      tip.state = Tip_State.SETTLED;
      this.#report(tip, Tip_State.SETTLED);
    }
    if (fault === "lost") throw away();
    if (fault === "never") await new Promise(() => undefined);
    if (fault === "late") await new Promise((resolve) => setTimeout(resolve, 20_000));
  }

  /** Reports a state to the page that offered the tip, when and as often as planned. */
  #report(tip: ServerTip, state: Tip_State): void {
    const delayMs = at(tip.plan.delaysMs, tip.reports++);
    if (delayMs === undefined) return;
    const serverMs = (ms: number) => timestampFromMs(ms + this.server.clockAheadMs);
    const report = {
      ...{ ...tip.wire, state, role: Tip_Role.PAYER },
      ...{ createTime: serverMs(tip.startMs), expireTime: serverMs(tip.startMs + TIP_LIFE_MS) },
      ...(tip.wire.invoice === "" ? {} : { invoiceExpireTime: serverMs(tip.startMs + TIP_LIFE_MS) }),
    };
    const send = async (): Promise<void> => {
      if (!tip.page.isClosed) await tip.page.stream.event({ case: "tipUpdated", value: { tip: report } });
    };
    this.#later(delayMs, send);
    if (tip.plan.twice) this.#later(delayMs + 10_000, send);
  }

  #after(ms: number, run: () => void): void {
    this.#later(ms, () => {
      run();
      return Promise.resolve();
    });
  }

  #later(ms: number, run: () => Promise<void>): void {
    this.#due.push({ atMs: Date.now() + ms, run });
  }

  /** The storage of all tabs, whose changes each of them hears of after a while, or never. */
  #shared() {
    const { newsDelayMs } = this.plans;
    const tell = (key: string, newValue: string | null): void => {
      if (newsDelayMs === undefined) return;
      this.#after(newsDelayMs, () => {
        for (const listener of this.#listeners) listener({ key, newValue });
      });
    };
    const kept = this.#storage;
    return {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => {
        kept.set(key, value);
        tell(key, value);
      },
      removeItem: (key: string) => {
        kept.delete(key);
        tell(key, null);
      },
    };
  }
}

/** The items in turn, from the first again after the last. */
export function at<T>(items: readonly T[], index: number): T {
  return items[index % items.length] as T;
}

/** The tips whose money has left, by the hash of their invoice, and whether the server has their proof. */
export function unproven(world: FaultyWorld): string[] {
  const all = [...world.tips.values()].filter(({ wire }) => wire.invoice !== "" && world.wallet.hasLeft(wire.invoice));
  const proven = new Set(
    all.filter(({ state }) => state === Tip_State.SETTLED).map(({ wire }) => hashOf(wire.invoice)),
  );
  return all.filter(({ wire }) => !proven.has(hashOf(wire.invoice))).map(({ wire }) => wire.tipId);
}
