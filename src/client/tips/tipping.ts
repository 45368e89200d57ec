import type { Welcome } from "../../../gen/satoshigle/v1/event_pb.js";
import type { Tip as WireTip } from "../../../gen/satoshigle/v1/tip_pb.js";
import type { Api } from "../api.js";
import { SatoshigleError } from "../errors.js";
import type { Session } from "../session.js";
import type { View } from "../view.js";
import type { Wallet } from "../wallet.js";
import { isFinal, TipBook } from "./book.js";
import { Courier } from "./courier.js";
import { Deadlines } from "./deadlines.js";
import { readInvoice } from "./invoice.js";
import { Payments } from "./payments.js";
import { startSatsStream } from "./sats-stream.js";
import type { SatsStream, SatsStreamOptions, Tip, Tips, TipTotals } from "./types.js";
import { checkTip, newTip } from "./terms.js";
import { type Unfinished, UnfinishedTips } from "./unfinished.js";
import { toTip, toTipTerms } from "./wire.js";

interface Parts {
  view: View;
  api: Api;
  session: Session;
  link: { online(): Promise<void>; reopen(): void };
  unfinished: UnfinishedTips;
}

/** Tips from and to this side: offers, answers and follows them. Paying is the part of `Payments`. */
export class Tipping implements Tips {
  readonly #parts: Parts;
  readonly #book: TipBook;
  readonly #courier: Courier;
  readonly #payments: Payments;
  readonly #deadlines: Deadlines;
  /** Tips that this page offered, and when the offer left last: only these are paid without anyone pressing a button. */
  readonly #offered = new Map<string, number>();
  /** Tips that are being answered. */
  readonly #answering = new Set<string>();
  #wallet: Wallet | null = null;
  #automatic = true;
  /** How far the server's clock is ahead of ours. */
  #aheadMs = 0;
  #lastMatchId = "";

  constructor(parts: Parts) {
    this.#parts = parts;
    const { api, view, unfinished } = parts;
    this.#book = new TipBook((tip) => this.#changed(tip));
    this.#courier = new Courier(parts.link);
    this.#deadlines = new Deadlines((id) => this.#book.move(id, "expired"));
    const giveUp = (tip: Tip): void => void this.cancelTip(tip.id).catch(() => undefined);
    const wallet = () => this.#wallet;
    this.#payments = new Payments({ api, book: this.#book, unfinished, courier: this.#courier, wallet, giveUp });
    view.events.on("matched", ({ matchId }) => (this.#lastMatchId = matchId));
    for (const tip of unfinished.all) this.#restore(tip);
  }

  get tips(): readonly Tip[] {
    return this.#book.all;
  }

  setWallet(wallet: Wallet | null, { answer = "automatic" }: { answer?: "automatic" | "ask" } = {}): void {
    this.#wallet = wallet;
    this.#automatic = answer === "automatic";
    for (const tip of this.#book.all) {
      if (tip.state === "paying") this.#payments.chase(tip.id);
      else if (tip.part === "payee") this.#react(tip);
    }
  }

  async tip(amountMsat: number, comment = ""): Promise<Tip> {
    const { view, api } = this.#parts;
    const matchId = checkTip(view.state, amountMsat, comment);
    const tip = newTip(matchId, amountMsat, comment);
    this.#offered.set(tip.id, Date.now());
    this.#book.put(tip);
    try {
      await this.#courier.deliver(() => {
        this.#offered.set(tip.id, Date.now());
        return api.offerTip({ tipId: tip.id, matchId, amountMsat: BigInt(amountMsat), comment });
      }, false);
    } catch (error) {
      this.#book.move(tip.id, "cancelled", error instanceof Error ? error.message : undefined);
      throw error;
    }
    return this.#book.get(tip.id) ?? tip;
  }

  async acceptTip(tipId: string, invoice?: string): Promise<void> {
    const tip = this.#get(tipId, "payee");
    if (invoice !== undefined && readInvoice(tidyInvoice(invoice))?.amountMsat !== tip.amountMsat) {
      throw new SatoshigleError("invalid", "This is no invoice over exactly this amount.", undefined, "invoice");
    }
    await this.#answer(tip, invoice);
  }

  async declineTip(tipId: string): Promise<void> {
    await this.#cancel(this.#get(tipId, "payee"), "declined");
  }

  async cancelTip(tipId: string): Promise<void> {
    await this.#cancel(this.#get(tipId, "payer"), "cancelled");
  }

  async payTip(tipId: string): Promise<void> {
    const tip = this.#get(tipId, "payer");
    if (!this.#wallet?.pay) throw noWallet();
    if (tip.state === "invoiced") await this.#payments.pay(tip);
  }

  async confirmTip(tipId: string, preimage: string): Promise<void> {
    await this.#payments.confirm(this.#get(tipId, "payer"), preimage);
  }

  streamSats(options: SatsStreamOptions): SatsStream {
    const { view } = this.#parts;
    if (!this.#wallet?.pay) throw noWallet();
    return startSatsStream(options, { view, tip: (amountMsat) => this.tip(amountMsat) });
  }

  tipTotals(matchId = this.#lastMatchId): TipTotals {
    return this.#book.totals(matchId);
  }

  welcome(welcome: Welcome): void {
    this.#parts.view.setTips(toTipTerms(welcome));
    for (const tip of welcome.tips) this.updated(tip);
  }

  /** The server tells of a tip, perhaps once more. */
  updated(wire: WireTip | undefined): void {
    if (!wire) return;
    const known = this.#book.get(wire.tipId);
    const sentAtMs = this.#offered.get(wire.tipId);
    // How long the offer was on its way is far less than what the clocks of computers may differ.
    if (sentAtMs !== undefined && wire.createTime && known?.state === "offered") {
      this.#aheadMs = Number(wire.createTime.seconds) * 1_000 - sentAtMs;
    }
    const tip = toTip(wire, this.#aheadMs);
    if (tip) this.#book.put(tip);
  }

  close(): void {
    this.#payments.close();
    this.#courier.close();
    this.#deadlines.clear();
  }

  #restore(tip: Unfinished): void {
    const state = tip.preimage === undefined ? (tip.asked ? "paying" : "invoiced") : "unconfirmed";
    this.#book.put({ ...tip, part: "payer", state, problem: undefined });
    this.#payments.resume(tip);
  }

  /** A tip is in a new state. */
  #changed(tip: Tip): void {
    const { view, unfinished, session } = this.#parts;
    this.#deadlines.set(tip);
    if (isFinal(tip)) unfinished.forget(tip.id);
    else if (isToPay(tip) && session.token !== undefined && !unfinished.get(tip.id)) {
      const { id, matchId, amountMsat, comment, createdAtMs, invoice, invoiceExpiresAtMs, expiresAtMs } = tip;
      const rest = { invoice, invoiceExpiresAtMs, expiresAtMs, token: session.token, asked: false };
      unfinished.keep({ id, matchId, amountMsat, comment, createdAtMs, ...rest });
    }
    view.events.emit("tip", tip);
    this.#react(tip);
  }

  /** What a wallet does by itself. */
  #react(tip: Tip): void {
    const ours = tip.part === "payer" && this.#offered.has(tip.id);
    if (ours && tip.state === "invoiced" && tip.problem === undefined) void this.#payments.pay(tip);
    const answers = this.#automatic && this.#wallet?.makeInvoice !== undefined;
    if (tip.state !== "offered" || tip.part !== "payee" || !answers) return;
    this.#answer(tip).catch((error: unknown) => {
      this.#book.explain(tip.id, error instanceof Error ? error.message : "Your wallet made no invoice.");
    });
  }

  /** The same tip is not answered twice at once. */
  async #answer(tip: Tip, given?: string): Promise<void> {
    if (tip.state !== "offered" || this.#answering.has(tip.id)) return;
    this.#answering.add(tip.id);
    try {
      const invoice = tidyInvoice(given ?? (await this.#makeInvoice(tip)));
      await this.#courier.deliver(() => this.#parts.api.sendInvoice({ tipId: tip.id, invoice }), true);
    } finally {
      this.#answering.delete(tip.id);
    }
  }

  async #makeInvoice({ amountMsat }: Tip): Promise<string> {
    if (!this.#wallet?.makeInvoice) throw noWallet();
    try {
      return await this.#wallet.makeInvoice({ amountMsat, memo: "A tip on Satoshigle" });
    } catch (cause) {
      const said = cause instanceof Error ? cause.message : "Your wallet made no invoice.";
      throw new SatoshigleError("wallet_failed", said, undefined, undefined, { cause });
    }
  }

  async #cancel(tip: Tip, state: "declined" | "cancelled"): Promise<void> {
    if (isFinal(tip)) return;
    const unsure = tip.state === "unconfirmed" || this.#parts.unfinished.get(tip.id)?.asked;
    if (unsure) throw new SatoshigleError("tip_over", "This tip may be paid already.");
    await this.#courier.deliver(() => this.#parts.api.cancelTip({ tipId: tip.id }), true);
    this.#book.move(tip.id, state);
  }

  #get(tipId: string, part: Tip["part"]): Tip {
    const tip = this.#book.get(tipId);
    if (tip?.part === part) return tip;
    throw new SatoshigleError("invalid", `There is no such tip of which you are the ${part}.`, undefined, "tip_id");
  }
}

type ToPay = Tip & { invoice: string; invoiceExpiresAtMs: number; expiresAtMs: number };

function isToPay(tip: Tip): tip is ToPay {
  const complete = tip.invoice !== undefined && tip.invoiceExpiresAtMs !== undefined && tip.expiresAtMs !== undefined;
  return tip.part === "payer" && complete;
}

/** Wallets show invoices as links and in capitals, for smaller QR codes. */
function tidyInvoice(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/^lightning:(\/\/)?/, "");
}

function noWallet(): SatoshigleError {
  return new SatoshigleError("no_wallet", "There is no wallet that could do this.");
}
