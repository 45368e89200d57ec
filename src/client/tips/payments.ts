import type { Api } from "../api.js";
import { backoffMs, sleep } from "../backoff.js";
import { SatoshigleError } from "../errors.js";
import { toSatoshigleError } from "../faults.js";
import { PaymentFailed, type Wallet } from "../wallet.js";
import { isFinal, type TipBook } from "./book.js";
import type { Courier } from "./courier.js";
import { fits, readInvoice } from "./invoice.js";
import type { Tip } from "./types.js";
import type { Unfinished, UnfinishedTips } from "./unfinished.js";

/** Wallets are asked what became of a payment after pauses that grow to six times what calls have. */
const patience = 6;

interface Parts {
  api: Api;
  book: TipBook;
  unfinished: UnfinishedTips;
  courier: Courier;
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
  #closed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  close(): void {
    this.#closed = true;
  }

  /** Has the wallet pay. Once a wallet was asked, no wallet is asked again for this tip. */
  async pay(tip: Tip): Promise<void> {
    const { book, unfinished } = this.#parts;
    const wallet = this.#parts.wallet();
    const kept = unfinished.get(tip.id);
    if (!wallet?.pay || tip.invoice === undefined || kept?.asked) return;
    const obstacle = findObstacle(tip, Date.now());
    if (obstacle !== undefined) {
      this.#giveUp(tip, obstacle);
      return;
    }
    if (kept) unfinished.keep({ ...kept, asked: true });
    book.move(tip.id, "paying");
    try {
      const { preimage } = await wallet.pay(tip.invoice);
      await this.#proven(tip.id, tip.invoice, preimage);
    } catch (error) {
      if (error instanceof PaymentFailed) this.#giveUp(tip, error.message);
      else this.chase(tip.id);
    }
  }

  /** The person paid elsewhere and has the proof. */
  async confirm(tip: Tip, preimage: string): Promise<void> {
    const tidy = preimage.trim().toLowerCase();
    if (tip.invoice === undefined || !(await fits(tidy, tip.invoice))) {
      throw new SatoshigleError("invalid", "This is not the proof of this payment.", undefined, "preimage");
    }
    await this.#show(tip.id, tidy);
  }

  /** Goes on with what another page or session left unfinished. */
  resume(tip: Unfinished): void {
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
        this.#giveUp(tip, "The wallet says that the payment failed.");
        return;
      }
      if (payment.state === "paid" && (await fits(payment.preimage, tip.invoice))) {
        await this.#show(id, payment.preimage).catch(() => undefined);
        return;
      }
      await sleep(patience * backoffMs(times));
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
    if (this.#confirming.has(id)) return;
    this.#confirming.add(id);
    if (kept) unfinished.keep({ ...kept, asked: true, preimage: preimage.toLowerCase() });
    book.move(id, "unconfirmed");
    try {
      await courier.deliverAlone(() => api.confirmTip({ tipId: id, preimage }, kept?.token));
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

  #giveUp(tip: Tip, problem: string): void {
    const { book, unfinished, giveUp } = this.#parts;
    unfinished.forget(tip.id);
    book.explain(tip.id, problem);
    const now = book.get(tip.id);
    if (now && !isFinal(now)) giveUp(now);
  }
}

/** Why an invoice must not be paid. */
function findObstacle(tip: Tip, nowMs: number): string | undefined {
  if (readInvoice(tip.invoice ?? "")?.amountMsat !== tip.amountMsat) return "The invoice is over another amount.";
  if (nowMs >= (tip.invoiceExpiresAtMs ?? Infinity)) return "The invoice has expired.";
  return undefined;
}
