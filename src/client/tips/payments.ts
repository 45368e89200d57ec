import type { Api } from "../connection/api.js";
import { backoffMs, sleep } from "../connection/timers.js";
import { SatoshigleError } from "../errors.js";
import { toSatoshigleError } from "../connection/error-mapping.js";
import { PaymentFailed, type Wallet } from "../wallets/wallet.js";
import { isFinal, type TipStore } from "./tip-store.js";
import type { Retry } from "../connection/retry.js";
import { fits } from "./invoice.js";
import { findObstacle } from "./obstacle.js";
import type { Tip } from "./types.js";
import type { PendingTip, PendingTips } from "./pending-tips.js";

/** Wallets are asked what became of a payment after pauses that grow to six times what calls have. */
const PATIENCE = 6;

interface Parts {
  api: Api;
  book: TipStore;
  unfinished: PendingTips;
  courier: Retry;
  wallet: () => Wallet | null;
  /** Tells the server that a tip is given up. */
  giveUp: (tip: Tip) => void;
}

/**
 * Pays the invoices of this side's tips and shows the server the proofs. A payment whose end is not known is never taken
 * for a failure: the tip stays open, and the wallet is asked what became of it, until the tip expires.
 */
export class Payments {
  readonly #parts: Parts;
  /** Tips whose payment is looked up just now. */
  readonly #chased = new Set<string>();
  readonly #confirming = new Set<string>();
  /** Tips for which the money may be gone. Nothing that anyone says takes one out but the wallet's clear no. */
  readonly #committed = new Set<string>();
  #closed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  close(): void {
    this.#closed = true;
  }

  /** Whether a wallet was asked to pay this tip and has not said for sure that it did not. */
  mayBePaid(id: string): boolean {
    return this.#committed.has(id);
  }

  /** Gives up a tip whose invoice is not what the person agreed to. True when it did. */
  refuse(tip: Tip): boolean {
    const agreed = this.#parts.unfinished.get(tip.id);
    if (!agreed || agreed.asked) return false;
    const obstacle = findObstacle(tip, agreed, Date.now());
    if (obstacle !== undefined) this.#giveUp(tip, obstacle);
    return obstacle !== undefined;
  }

  /** Has the wallet pay. Once a wallet was asked, no wallet is asked again for this tip. */
  async pay(tip: Tip): Promise<void> {
    const { book, unfinished } = this.#parts;
    const wallet = this.#parts.wallet();
    if (!wallet?.pay || tip.invoice === undefined || this.refuse(tip)) return;
    const claim = await unfinished.claim(tip.id);
    if (claim === "unnoted") book.explain(tip.id, "The browser keeps no note of the payment, so it was not begun.");
    if (claim !== "claimed") return;
    this.#committed.add(tip.id);
    book.move(tip.id, "paying");
    try {
      const { preimage } = await wallet.pay(tip.invoice);
      await this.#proven(tip.id, tip.invoice, preimage);
    } catch (error) {
      if (error instanceof PaymentFailed) this.#failed(tip, error.message);
      else this.chase(tip.id);
    }
  }

  /** The person paid elsewhere and has the proof. */
  async confirm(tip: Tip, preimage: string): Promise<void> {
    const tidy = preimage.trim().toLowerCase();
    if (tip.invoice === undefined || !(await fits(tidy, tip.invoice))) {
      throw new SatoshigleError("invalid", "This is not the proof of this payment.", { field: "preimage" });
    }
    await this.#show(tip.id, tidy);
  }

  /** Goes on with what another page or session left unfinished. */
  resume(tip: PendingTip): void {
    if (tip.preimage !== undefined) void this.#show(tip.id, tip.preimage).catch(() => undefined);
    else if (tip.asked) this.chase(tip.id);
  }

  /** Asks the wallet what became of a payment, until it knows. */
  chase(id: string): void {
    if (this.#chased.has(id) || !this.#parts.wallet()?.find) return;
    this.#chased.add(id);
    void this.#look(id).finally(() => this.#chased.delete(id));
  }

  async #look(id: string): Promise<void> {
    const { book } = this.#parts;
    for (let times = 0; ; times++) {
      const tip = book.get(id);
      const wallet = this.#parts.wallet();
      if (this.#closed || !wallet?.find || tip?.state !== "paying" || tip.invoice === undefined) return;
      const payment = await wallet.find(tip.invoice).catch(() => ({ state: "unknown" as const }));
      if (payment.state === "failed") {
        this.#failed(tip, "The wallet says that the payment failed.");
        return;
      }
      if (payment.state === "paid" && (await fits(payment.preimage, tip.invoice))) {
        await this.#show(id, payment.preimage).catch(() => undefined);
        return;
      }
      await sleep(PATIENCE * backoffMs(times));
    }
  }

  async #proven(id: string, invoice: string, preimage: string): Promise<void> {
    if (await fits(preimage, invoice)) {
      await this.#show(id, preimage).catch(() => undefined);
      return;
    }
    this.#parts.book.explain(id, "The wallet paid but gave no proof that fits.");
    this.chase(id);
  }

  /** From here on the payment is certain: only the server has still to hear of it. */
  async #show(id: string, preimage: string): Promise<void> {
    const { api, book, unfinished, courier } = this.#parts;
    const kept = unfinished.get(id);
    const secret = kept?.token === "" ? undefined : kept?.token;
    if (this.#confirming.has(id)) return;
    this.#confirming.add(id);
    if (kept) unfinished.keep({ ...kept, asked: true, preimage: preimage.toLowerCase() });
    book.move(id, "unconfirmed");
    try {
      await courier.deliverAlone(() => api.confirmTip({ tipId: id, preimage }, secret));
      book.move(id, "settled");
    } catch (error) {
      if (this.#closed) return;
      const reason = toSatoshigleError(error);
      book.move(id, "expired", `It was paid, but the server did not take note: ${reason.message}`);
      throw reason;
    } finally {
      this.#confirming.delete(id);
    }
  }

  /** The wallet is sure that nothing was paid. */
  #failed(tip: Tip, problem: string): void {
    this.#committed.delete(tip.id);
    this.#giveUp(tip, problem);
  }

  #giveUp(tip: Tip, problem: string): void {
    const { book, unfinished, giveUp } = this.#parts;
    unfinished.forget(tip.id);
    book.explain(tip.id, problem);
    const now = book.get(tip.id);
    if (now && !isFinal(now)) giveUp(now);
  }
}
