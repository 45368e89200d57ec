import type { Welcome } from "../gen/satoshigle/v1/event_pb.js";
import type { Tip as WireTip } from "../gen/satoshigle/v1/tip_pb.js";
import type { Api } from "../connection/api.js";
import { messageOf, SatoshigleError } from "../errors.js";
import type { Session } from "../connection/session.js";
import type { StateStore } from "../state-store.js";
import type { Wallet } from "../wallets/wallet.js";
import { Answers, noWallet } from "./answers.js";
import { isFinal, TipStore } from "./tip-store.js";
import { Retry } from "../connection/retry.js";
import { Deadlines } from "./deadlines.js";
import { Payments } from "./payments.js";
import { startSatsStream } from "./sats-stream.js";
import type { SatsStream, SatsStreamOptions, Tip, Tips, TipTotals } from "./types.js";
import { checkTip, isWithin, newTip } from "./tip-rules.js";
import { type PendingTip, PendingTips } from "./pending-tips.js";
import { toTip, toTipTerms } from "./wire.js";

const UNREMEMBERED = "This page does not know that you offered this tip, so it is not paid from here.";
/** Clocks of computers differ, but not by more than this, in milliseconds. */
const MOST_AHEAD_MS = 86_400_000;

interface Parts {
  view: StateStore;
  api: Api;
  session: Session;
  link: { online(): Promise<void>; reopen(): void };
  unfinished: PendingTips;
}

/** Tips from and to this side: offers, answers and follows them. Paying is the part of `Payments`. */
export class Tipping implements Tips {
  readonly #parts: Parts;
  readonly #book: TipStore;
  readonly #courier: Retry;
  readonly #payments: Payments;
  readonly #deadlines: Deadlines;
  /** Tips that this page offered, and when the offer left last: only these are paid without anyone pressing a button. */
  readonly #offered = new Map<string, number>();
  readonly #answers: Answers;
  #wallet: Wallet | null = null;
  /** How far the server's clock is ahead of ours. */
  #aheadMs = 0;
  #lastMatchId = "";

  constructor(parts: Parts) {
    this.#parts = parts;
    const { api, view, unfinished } = parts;
    this.#book = new TipStore((tip) => this.#changed(tip));
    this.#courier = new Retry(parts.link);
    this.#deadlines = new Deadlines((id) => this.#book.move(id, "expired"));
    const giveUp = (tip: Tip): void => void this.cancelTip(tip.id).catch(() => undefined);
    const wallet = () => this.#wallet;
    const [book, courier] = [this.#book, this.#courier];
    this.#payments = new Payments({ api, book, unfinished, courier, wallet, giveUp });
    this.#answers = new Answers({ api, book, courier, wallet });
    view.events.on("matched", ({ matchId }) => (this.#lastMatchId = matchId));
    for (const tip of unfinished.all) this.#restore(tip);
  }

  get tips(): readonly Tip[] {
    return this.#book.all;
  }

  setWallet(wallet: Wallet | null, { answer = "automatic" }: { answer?: "automatic" | "ask" } = {}): void {
    this.#wallet = wallet;
    this.#answers.automatic = answer === "automatic";
    for (const tip of this.#book.all) {
      if (tip.state === "paying") this.#payments.chase(tip.id);
      else if (tip.role === "payee") this.#answers.react(tip);
    }
  }

  async tip(amountMsat: number, comment = ""): Promise<Tip> {
    const { view, api } = this.#parts;
    const matchId = checkTip(view.state, amountMsat, comment);
    const tip = newTip(matchId, amountMsat, comment);
    this.#remember(tip);
    this.#book.put(tip);
    try {
      await this.#courier.deliver(() => {
        this.#leaves(tip.id);
        return api.offerTip({ tipId: tip.id, matchId, amountMsat: BigInt(amountMsat), comment });
      }, false);
    } catch (error) {
      const now = this.#book.get(tip.id);
      // It was answered, so the server has taken it, whatever it said of the call.
      if (now && now.state !== "offered" && !isFinal(now)) return now;
      this.#book.move(tip.id, "cancelled", messageOf(error));
      throw error;
    }
    return this.#book.get(tip.id) ?? tip;
  }

  async acceptTip(tipId: string, invoice?: string): Promise<void> {
    await this.#answers.accept(this.#get(tipId, "payee"), invoice);
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
    if (tip.state !== "invoiced") return;
    if (!this.#parts.unfinished.get(tipId)) throw new SatoshigleError("invalid", UNREMEMBERED, { field: "tip_id" });
    await this.#payments.pay(tip);
  }

  async confirmTip(tipId: string, preimage: string): Promise<void> {
    await this.#payments.confirm(this.#get(tipId, "payer"), preimage);
  }

  streamSats(options: SatsStreamOptions): SatsStream {
    const { view } = this.#parts;
    if (!this.#wallet?.pay) throw noWallet();
    const mayBePaid = (id: string): boolean => this.#payments.mayBePaid(id);
    return startSatsStream(options, { view, mayBePaid, tip: (amountMsat) => this.tip(amountMsat) });
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
      const aheadMs = Number(wire.createTime.seconds) * 1_000 - sentAtMs;
      this.#aheadMs = Math.min(Math.max(aheadMs, -MOST_AHEAD_MS), MOST_AHEAD_MS);
    }
    const tip = toTip(wire, this.#aheadMs);
    if (tip && (known || isFinal(tip))) this.#book.put(tip);
    else if (tip) this.#arrived(tip);
  }

  close(): void {
    this.#payments.close();
    this.#courier.close();
    this.#deadlines.clear();
  }

  /** An open tip that this page did not know of. */
  #arrived(tip: Tip): void {
    if (tip.role === "payee") {
      if (isWithin(this.#parts.view.state.tips, tip)) this.#book.put(tip);
      return;
    }
    const agreed = this.#parts.unfinished.get(tip.id);
    if (agreed) this.#restore(agreed);
    this.#book.put(agreed ? tip : { ...tip, problem: UNREMEMBERED });
  }

  /** Notes what the person agrees to, before anyone else hears of it. */
  #remember({ id, matchId, amountMsat, comment, createdAtMs, expiresAtMs = createdAtMs }: Tip): void {
    const { unfinished, session, view } = this.#parts;
    const { network } = view.state.tips ?? {};
    if (!network) return;
    const terms = { id, matchId, amountMsat, comment, createdAtMs, expiresAtMs, network };
    const open = { invoice: undefined, invoiceExpiresAtMs: undefined, asked: false };
    unfinished.keep({ ...terms, ...open, token: session.token ?? "" });
  }

  /** The offer goes to the server, perhaps once more, in the session of now. */
  #leaves(id: string): void {
    const { unfinished, session } = this.#parts;
    const tip = this.#book.get(id);
    if (tip && isFinal(tip)) throw new SatoshigleError("tip_over", "The tip is over before the server took it.");
    this.#offered.set(id, Date.now());
    const kept = unfinished.get(id);
    const token = session.token ?? "";
    if (kept && !kept.asked && kept.token !== token) unfinished.keep({ ...kept, token });
  }

  #restore(tip: PendingTip): void {
    const open = tip.invoice === undefined ? "offered" : tip.asked ? "paying" : "invoiced";
    const { id, matchId, amountMsat, comment, createdAtMs, expiresAtMs, invoice, invoiceExpiresAtMs } = tip;
    const facts = { id, matchId, amountMsat, comment, createdAtMs, expiresAtMs, invoice, invoiceExpiresAtMs };
    const state = tip.preimage === undefined ? open : "unconfirmed";
    this.#book.put({ ...facts, role: "payer", state, problem: undefined });
    this.#payments.resume(tip);
  }

  /** A tip is in a new state. */
  #changed(tip: Tip): void {
    const { view, unfinished } = this.#parts;
    this.#deadlines.set(tip);
    if (isFinal(tip)) unfinished.forget(tip.id);
    else if (tip.role === "payer") this.#noteInvoice(tip);
    view.events.emit("tip", tip);
    this.#react(tip);
  }

  #noteInvoice({ id, invoice, invoiceExpiresAtMs, expiresAtMs }: Tip): void {
    const kept = this.#parts.unfinished.get(id);
    if (!kept || kept.invoice !== undefined || invoice === undefined) return;
    this.#parts.unfinished.keep({ ...kept, invoice, invoiceExpiresAtMs, expiresAtMs: expiresAtMs ?? kept.expiresAtMs });
  }

  /** What a wallet does by itself. */
  #react(tip: Tip): void {
    if (tip.problem !== undefined) return;
    if (tip.role === "payee") {
      this.#answers.react(tip);
      return;
    }
    if (tip.state !== "invoiced" || this.#payments.refuse(tip)) return;
    if (this.#offered.has(tip.id)) void this.#payments.pay(tip);
  }

  async #cancel(tip: Tip, state: "declined" | "cancelled"): Promise<void> {
    if (isFinal(tip)) return;
    const unsure = tip.state === "unconfirmed" || this.#parts.unfinished.get(tip.id)?.asked;
    if (unsure) throw new SatoshigleError("tip_over", "This tip may be paid already.");
    await this.#courier.deliver(() => this.#parts.api.cancelTip({ tipId: tip.id }), true);
    this.#book.move(tip.id, state);
  }

  #get(tipId: string, part: Tip["role"]): Tip {
    const tip = this.#book.get(tipId);
    if (tip?.role === part) return tip;
    throw new SatoshigleError("invalid", `There is no such tip of which you are the ${part}.`, { field: "tip_id" });
  }
}
