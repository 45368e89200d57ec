import type { Tip as WireTip } from "../gen/satoshigle/v1/tip_pb.js";
import type { Wire } from "../connection/api.js";
import { retry, retryTransient, retryTransientOrLimited, type SessionLink } from "../connection/retry.js";
import { messageOf, SatoshigleError } from "../errors.js";
import type { Session } from "../connection/session.js";
import type { StateStore } from "../state-store.js";
import type { Tips } from "../types.js";
import type { Wallet } from "../wallets/wallet.js";
import { TipAnswers } from "./tip-answers.js";
import { isFinal, TipStore } from "./tip-store.js";
import { TipReceipts } from "./tip-receipts.js";
import { TipExpiry } from "./tip-expiry.js";
import { TipPayments } from "./tip-payments.js";
import { startSatsStream } from "./sats-stream.js";
import type { SatsStream, SatsStreamOptions, Tip, TipTotals } from "./types.js";
import { checkOffer, isWithin, newTip } from "./offered-tip.js";
import type { TipSource } from "./tip-source.js";
import { checkTip, noWalletError } from "./tip-rules.js";
import { PendingTips } from "./pending-tips.js";
import { restoredTip, type PendingTip, type TipStorage } from "./stored-tips.js";
import { createTipApi, type TipApi } from "./tip-api.js";
import { TabNews } from "./tab-news.js";
import { TipOffers } from "./tip-offers.js";
import { WalletSilence } from "./wallet-silence.js";
import { toTip } from "./codec.js";

const NOT_REMEMBERED = "This page has no record that you offered this tip, so it cannot be paid from here.";
/** The largest difference between two clocks that is believed. */
const MAX_CLOCK_OFFSET_MS = 86_400_000;
/** How long the proof of a payment is waited for. The server keeps the tip for at least as long after its invoice expired. */
const MAX_KEPT_MS = 16 * 86_400_000;

export interface TippingDependencies {
  wire: Wire;
  store: StateStore;
  session: Session;
  link: SessionLink;
  baseUrl: string;
  storage: TipStorage | null;
  /** What the storage contained when the page began. */
  stored: readonly PendingTip[];
}

/** Offers, answers and follows the tips of this side. `TipPayments` pays them. */
export class Tipping implements Omit<Tips, "tipTotals" | "minutes"> {
  readonly #dependencies: Omit<TippingDependencies, "stored">;
  readonly #api: TipApi;
  readonly #pendingTips: PendingTips;
  readonly #tipStore: TipStore;
  readonly #payments: TipPayments;
  readonly #answers: TipAnswers;
  readonly #offers: TipOffers;
  readonly #receipts: TipReceipts;
  readonly #expiry: TipExpiry;
  readonly #silence: WalletSilence;
  readonly #tabNews: TabNews;
  readonly #abort = new AbortController();
  #wallet: Wallet | null = null;
  /** The tips of an earlier page are being restored. `tips` has had them all along, so they are no news. */
  #restoring = true;
  /** Another tab says what has become of a tip, and does what follows from it. */
  #hearing = false;

  constructor({ stored, ...dependencies }: TippingDependencies) {
    this.#dependencies = dependencies;
    const { wire, link, session, baseUrl, storage } = dependencies;
    const { signal } = this.#abort;
    const api = createTipApi(wire);
    const pendingTips = new PendingTips(baseUrl, storage, stored);
    const tipStore = new TipStore((tip) => this.#tipChanged(tip));
    this.#api = api;
    this.#pendingTips = pendingTips;
    this.#tipStore = tipStore;
    this.#offers = new TipOffers({ api, session, tipStore, pendingTips });
    this.#expiry = new TipExpiry((id) => this.#expire(id));
    this.#silence = new WalletSilence(
      tipStore,
      () => this.#clockOffsetMs,
      (id) => this.#lookAfter(id),
    );
    this.#tabNews = new TabNews(baseUrl, storage, signal, (tip) => this.#heard(tip));
    const cancel = (tip: Tip): void => void this.cancelTip(tip.id).catch(() => undefined);
    const shared = { api, signal, tipStore, wallet: () => this.#wallet };
    this.#payments = new TipPayments({ ...shared, pendingTips, cancel });
    this.#answers = new TipAnswers({ ...shared, link, network: () => dependencies.store.state.tips?.network });
    this.#receipts = new TipReceipts({ ...shared, confirm: (id) => this.confirmReceipt(id) });
    for (const tip of pendingTips.all) {
      if (tip.asked && tip.createdAtMs + MAX_KEPT_MS < Date.now()) pendingTips.forget(tip.id);
      else this.#restore(tip);
    }
    this.#restoring = false;
  }

  get tips(): readonly Tip[] {
    return this.#tipStore.all;
  }

  setWallet(wallet: Wallet | null, { answer = "automatic" }: { answer?: "automatic" | "ask" } = {}): void {
    this.#wallet = wallet;
    this.#answers.automatic = answer === "automatic";
    for (const tip of this.#tipStore.all) {
      this.#receipts.follow(tip);
      if (tip.role === "payee") this.#answers.answerAutomatically(tip);
      else if (this.#payments.awaitsProof(tip)) this.#payments.pollPayment(tip.id);
    }
  }

  async tip(amountMsat: number, comment = ""): Promise<Tip> {
    const { state } = this.#dependencies.store;
    const matchId = checkTip(state, amountMsat);
    checkOffer(state.tips, this.#wallet, amountMsat, comment);
    const tip = newTip(matchId, amountMsat, comment);
    this.#offers.remember(tip, state.tips?.network);
    this.#tipStore.put(tip);
    try {
      await this.#retry(() => this.#offers.send(tip), retryTransient);
    } catch (error) {
      const latest = this.#tipStore.get(tip.id);
      // The tip was answered, so the server has accepted it, whatever the call returned.
      if (latest && latest.state !== "offered" && !isFinal(latest)) return latest;
      this.#tipStore.move(tip.id, "cancelled", { problem: messageOf(error), problemCode: "refused" });
      throw error;
    }
    return this.#tipStore.get(tip.id) ?? tip;
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

  putAwayTip(tipId: string): Promise<void> {
    this.#tipStore.putAway(this.#get(tipId, "payer").id);
    return Promise.resolve();
  }

  async payTip(tipId: string): Promise<void> {
    const tip = this.#get(tipId, "payer");
    if (!this.#wallet?.pay) throw noWalletError();
    if (tip.state !== "invoiced") return;
    if (!this.#pendingTips.get(tipId)) {
      throw new SatoshigleError("invalid", NOT_REMEMBERED, { field: "tip_id" });
    }
    await this.#payments.pay(tip);
  }

  async confirmTip(tipId: string, preimage: string): Promise<void> {
    await this.#payments.confirm(this.#get(tipId, "payer"), preimage);
  }

  /** Also possible after the tip ended: the wallet may see the money late. */
  async confirmReceipt(tipId: string): Promise<void> {
    const tip = this.#get(tipId, "payee");
    if (tip.receivedAtMs !== undefined) return;
    await this.#retry(() => this.#api.confirmReceipt({ tipId }), retryTransientOrLimited);
    const latest = this.#tipStore.get(tipId) ?? tip;
    this.#tipStore.put({ ...latest, state: "received", receivedAtMs: Date.now() });
  }

  streamSats(options: SatsStreamOptions): SatsStream {
    return startSatsStream(options, { store: this.#dependencies.store, ...this.source() });
  }

  /** What gives tips one after the other. @throws SatoshigleError `no_wallet` */
  source(): TipSource {
    if (!this.#wallet?.pay) throw noWalletError();
    return { tip: (amountMsat) => this.tip(amountMsat), mayBePaid: (id) => this.#payments.mayBePaid(id) };
  }

  tipTotals(matchId: string): TipTotals {
    return this.#tipStore.totals(matchId);
  }

  /** Applies what the server reports about a tip; the same report may come twice. */
  tipUpdated(wire: WireTip): void {
    const tip = toTip(wire, this.#clockOffsetMs);
    if (tip && (this.#tipStore.get(tip.id) || isFinal(tip))) this.#tipStore.put(this.#payments.asKnown(tip));
    else if (tip) this.#addUnknown(tip);
  }

  close(reason: SatoshigleError): void {
    this.#abort.abort(reason);
    this.#expiry.clear();
    this.#silence.clear();
  }

  /** How far the server's clock is ahead of ours. */
  get #clockOffsetMs(): number {
    return Math.min(Math.max(this.#dependencies.session.clockOffsetMs, -MAX_CLOCK_OFFSET_MS), MAX_CLOCK_OFFSET_MS);
  }

  /** Adds an open tip that this page has not seen before. */
  #addUnknown(tip: Tip): void {
    if (tip.role === "payee") {
      if (isWithin(this.#dependencies.store.state.tips, tip)) this.#tipStore.put(tip);
      return;
    }
    const agreed = this.#pendingTips.get(tip.id);
    if (agreed) this.#restore(agreed);
    this.#tipStore.put(agreed ? tip : { ...tip, problem: NOT_REMEMBERED, problemCode: "not_remembered" });
  }

  #restore(tip: PendingTip): void {
    this.#tipStore.put(restoredTip(tip));
    this.#payments.resume(tip);
  }

  #tipChanged(tip: Tip): void {
    this.#expiry.schedule(tip);
    this.#silence.tipChanged(tip);
    this.#receipts.follow(tip);
    if (tip.role === "payer" && !this.#hearing) this.#record(tip);
    const isNews = !this.#restoring || (tip.problem !== undefined && !isFinal(tip));
    if (isNews) this.#dependencies.store.events.emit("tip", tip);
    if (!this.#hearing) this.#actAutomatically(tip);
  }

  /** Stores what another page must know of a tip, and tells the other tabs. */
  #record(tip: Tip): void {
    const { id, state, problem, problemCode, putAway, invoice, invoiceExpiresAtMs, expiresAtMs } = tip;
    if (this.#restoring) return;
    if (!isFinal(tip)) {
      const pending = this.#pendingTips.get(id);
      if (pending && pending.invoice === undefined && invoice !== undefined) {
        this.#pendingTips.change(id, { invoice, invoiceExpiresAtMs, expiresAtMs: expiresAtMs ?? pending.expiresAtMs });
      }
      if (pending && putAway) this.#pendingTips.change(id, { shown: { putAway } });
    } else if (this.#payments.awaitsProof(tip))
      this.#pendingTips.change(id, { shown: { state, problem, problemCode, putAway } });
    else this.#pendingTips.forget(id);
    this.#tabNews.say(tip);
  }

  /** Another tab of this browser says what has become of a tip. Tips that began in other tabs are theirs. */
  #heard(tip: Tip): void {
    if (!this.#tipStore.get(tip.id)) return;
    this.#hearing = true;
    this.#tipStore.put(tip);
    if (tip.putAway) this.#tipStore.putAway(tip.id);
    this.#hearing = false;
  }

  #expire(id: string): void {
    const tip = this.#tipStore.get(id);
    if (tip) this.#tipStore.put(this.#payments.asKnown({ ...tip, state: "expired" }));
  }

  /** Nothing was heard about a tip for a while. The tab that paid it may have been closed. */
  #lookAfter(id: string): void {
    const pending = this.#pendingTips.get(id);
    if (pending) this.#payments.resume(pending);
  }

  /** Answers or pays a tip without the person's help, where that is allowed. */
  #actAutomatically(tip: Tip): void {
    if (tip.problem !== undefined) return;
    if (tip.role === "payee") {
      this.#answers.answerAutomatically(tip);
      return;
    }
    if (tip.state !== "invoiced" || this.#payments.refuse(tip)) return;
    if (this.#offers.has(tip.id)) void this.#payments.pay(tip);
  }

  async #cancel(tip: Tip, state: "declined" | "cancelled"): Promise<void> {
    if (isFinal(tip)) return;
    const mayBePaid = tip.state === "unconfirmed" || (tip.role === "payer" && this.#payments.mayBePaid(tip.id));
    if (mayBePaid) throw new SatoshigleError("tip_over", "This tip may already have been paid.");
    await this.#retry(() => this.#api.cancelTip({ tipId: tip.id }), retryTransientOrLimited);
    this.#tipStore.move(tip.id, state);
  }

  async #retry(call: () => Promise<unknown>, decide: typeof retryTransient): Promise<void> {
    await retry(call, { link: this.#dependencies.link, signal: this.#abort.signal, decide });
  }

  #get(tipId: string, role: Tip["role"]): Tip {
    const tip = this.#tipStore.get(tipId);
    if (tip?.role === role) return tip;
    throw new SatoshigleError("invalid", `You are not the ${role} of any tip with this ID.`, { field: "tip_id" });
  }
}
