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
import { TipExpiry } from "./tip-expiry.js";
import { TipPayments } from "./tip-payments.js";
import { startSatsStream } from "./sats-stream.js";
import type { SatsStream, SatsStreamOptions, Tip, TipTotals } from "./types.js";
import { isWithin, newTip } from "./offered-tip.js";
import type { TipSource } from "./minute-payment.js";
import { checkTip, noWalletError } from "./tip-rules.js";
import { PendingTips } from "./pending-tips.js";
import { restoredTip, type PendingTip, type TipStorage } from "./stored-tips.js";
import { createTipApi, type TipApi } from "./tip-api.js";
import { toTip } from "./codec.js";

const NOT_REMEMBERED = "This page has no record that you offered this tip, so it cannot be paid from here.";
/** The largest difference between two clocks that is believed. */
const MAX_CLOCK_OFFSET_MS = 86_400_000;

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
  readonly #expiry: TipExpiry;
  readonly #abort = new AbortController();
  /** When the offer of each tip from this page was last sent. Only these tips are paid automatically. */
  readonly #offeredAtMs = new Map<string, number>();
  #wallet: Wallet | null = null;
  /** How far the server's clock is ahead of ours. */
  #clockOffsetMs = 0;
  /** The tips of an earlier page are being restored. `tips` has had them all along, so they are no news. */
  #restoring = true;

  constructor({ stored, ...dependencies }: TippingDependencies) {
    this.#dependencies = dependencies;
    const { wire, link, baseUrl, storage } = dependencies;
    const api = createTipApi(wire);
    const pendingTips = new PendingTips(baseUrl, storage, stored);
    this.#api = api;
    this.#pendingTips = pendingTips;
    this.#tipStore = new TipStore((tip) => this.#tipChanged(tip));
    this.#expiry = new TipExpiry((id) => this.#tipStore.move(id, "expired"));
    const cancel = (tip: Tip): void => void this.cancelTip(tip.id).catch(() => undefined);
    const shared = { api, signal: this.#abort.signal, tipStore: this.#tipStore, wallet: () => this.#wallet };
    this.#payments = new TipPayments({ ...shared, pendingTips, cancel });
    this.#answers = new TipAnswers({ ...shared, link });
    for (const tip of pendingTips.all) this.#restore(tip);
    this.#restoring = false;
  }

  get tips(): readonly Tip[] {
    return this.#tipStore.all;
  }

  setWallet(wallet: Wallet | null, { answer = "automatic" }: { answer?: "automatic" | "ask" } = {}): void {
    this.#wallet = wallet;
    this.#answers.automatic = answer === "automatic";
    for (const tip of this.#tipStore.all) {
      if (tip.state === "paying") this.#payments.pollPayment(tip.id);
      else if (tip.role === "payee") this.#answers.answerAutomatically(tip);
    }
  }

  async tip(amountMsat: number, comment = ""): Promise<Tip> {
    const matchId = checkTip(this.#dependencies.store.state, amountMsat, comment);
    const tip = newTip(matchId, amountMsat, comment);
    this.#remember(tip);
    this.#tipStore.put(tip);
    try {
      await this.#retry(() => this.#offer(tip), retryTransient);
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
    const known = this.#tipStore.get(wire.tipId);
    const sentAtMs = this.#offeredAtMs.get(wire.tipId);
    // The time that the offer travelled is small compared with how far clocks may differ.
    if (sentAtMs !== undefined && wire.createTime && known?.state === "offered") {
      const offsetMs = Number(wire.createTime.seconds) * 1_000 - sentAtMs;
      this.#clockOffsetMs = Math.min(Math.max(offsetMs, -MAX_CLOCK_OFFSET_MS), MAX_CLOCK_OFFSET_MS);
    }
    const tip = toTip(wire, this.#clockOffsetMs);
    if (tip && (known || isFinal(tip))) this.#tipStore.put(tip);
    else if (tip) this.#addUnknown(tip);
  }

  close(reason: SatoshigleError): void {
    this.#abort.abort(reason);
    this.#expiry.clear();
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

  /** Records what the person agrees to before the offer is sent. */
  #remember({ id, matchId, amountMsat, comment, createdAtMs, expiresAtMs = createdAtMs }: Tip): void {
    const { session, store } = this.#dependencies;
    const { network } = store.state.tips ?? {};
    if (!network) return;
    const terms = { id, matchId, amountMsat, comment, createdAtMs, expiresAtMs, network };
    const open = { invoice: undefined, invoiceExpiresAtMs: undefined, asked: false };
    this.#pendingTips.keep({ ...terms, ...open, token: session.token ?? "" });
  }

  /** Sends the offer in the current session, which may have changed since the last attempt. */
  #offer({ id, matchId, amountMsat, comment }: Tip): Promise<unknown> {
    const { session } = this.#dependencies;
    const latest = this.#tipStore.get(id);
    if (latest && isFinal(latest))
      throw new SatoshigleError("tip_over", "The tip ended before the server accepted it.");
    this.#offeredAtMs.set(id, Date.now());
    const pending = this.#pendingTips.get(id);
    const token = session.token ?? "";
    if (pending && !pending.asked && pending.token !== token) this.#pendingTips.keep({ ...pending, token });
    return this.#api.offerTip({ tipId: id, matchId, amountMsat: BigInt(amountMsat), comment });
  }

  #restore(tip: PendingTip): void {
    this.#tipStore.put(restoredTip(tip));
    this.#payments.resume(tip);
  }

  #tipChanged(tip: Tip): void {
    this.#expiry.schedule(tip);
    if (isFinal(tip)) this.#pendingTips.forget(tip.id);
    else if (tip.role === "payer") this.#recordInvoice(tip);
    if (!this.#restoring || tip.problem !== undefined) this.#dependencies.store.events.emit("tip", tip);
    this.#actAutomatically(tip);
  }

  #recordInvoice({ id, invoice, invoiceExpiresAtMs, expiresAtMs }: Tip): void {
    const pending = this.#pendingTips.get(id);
    if (!pending || pending.invoice !== undefined || invoice === undefined) return;
    this.#pendingTips.keep({
      ...pending,
      invoice,
      invoiceExpiresAtMs,
      expiresAtMs: expiresAtMs ?? pending.expiresAtMs,
    });
  }

  /** Answers or pays a tip without the person's help, where that is allowed. */
  #actAutomatically(tip: Tip): void {
    if (tip.problem !== undefined) return;
    if (tip.role === "payee") {
      this.#answers.answerAutomatically(tip);
      return;
    }
    if (tip.state !== "invoiced" || this.#payments.refuse(tip)) return;
    if (this.#offeredAtMs.has(tip.id)) void this.#payments.pay(tip);
  }

  async #cancel(tip: Tip, state: "declined" | "cancelled"): Promise<void> {
    if (isFinal(tip)) return;
    const mayBePaid = tip.state === "unconfirmed" || this.#pendingTips.get(tip.id)?.asked;
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
