import { Code, ConnectError } from "@connectrpc/connect";
import { retry, type RetryDecision } from "../connection/retry.js";
import { backoffMs, sleep } from "../connection/timers.js";
import { messageOf, SatoshigleError } from "../errors.js";
import { PaymentFailed, type Wallet } from "../wallets/wallet.js";
import type { TipApi } from "./tip-api.js";
import { isFinal, type TipStore } from "./tip-store.js";
import { matchesPaymentHash } from "./invoice.js";
import { invoiceProblem } from "./invoice-check.js";
import type { Tip, TipProblemCode } from "./types.js";
import type { PendingTip, PendingTips } from "./pending-tips.js";

/** The pauses between two looks at a payment, compared with those between two tries of a call. */
const POLL_PAUSE_FACTOR = 6;

/** Status codes with which the server rejects a proof for good. Any other failure may pass, a ban or a limit included. */
const FINAL_STATUS = new Set([Code.InvalidArgument, Code.FailedPrecondition, Code.NotFound, Code.Unauthenticated]);

const NOT_RECORDED = "The payment could not be recorded in this browser, so it was not started.";
const WRONG_PROOF = "The wallet paid but returned a proof that does not match the invoice.";

interface TipPaymentsDependencies {
  api: TipApi;
  signal: AbortSignal;
  tipStore: TipStore;
  pendingTips: PendingTips;
  wallet: () => Wallet | null;
  /** Cancels a tip on the server. */
  cancel: (tip: Tip) => void;
}

/**
 * Pays the invoices of the tips that this side gives, and sends the proofs to the server. A payment whose outcome is
 * unknown is never treated as a failure: the tip stays open, and the wallet is polled until the tip expires.
 */
export class TipPayments {
  readonly #dependencies: TipPaymentsDependencies;
  /** IDs of the tips whose payment is being polled. */
  readonly #polling = new Set<string>();
  /** IDs of the tips whose proof is being sent. */
  readonly #confirming = new Set<string>();
  /** IDs of the tips for which the money may be gone. Only a definite failure from the wallet removes one. */
  readonly #committed = new Set<string>();

  constructor(dependencies: TipPaymentsDependencies) {
    this.#dependencies = dependencies;
  }

  /** Whether a wallet was asked to pay this tip and has not reported a definite failure. */
  mayBePaid(id: string): boolean {
    return this.#committed.has(id);
  }

  /**
   * Whether the wallet may still have the proof of a payment: it is under way, or the payee has seen the money first. The
   * latter is waited for until the tip would have expired.
   */
  awaitsProof({ id, state }: Tip): boolean {
    if (state !== "received") return state === "paying";
    const pending = this.#dependencies.pendingTips.get(id);
    return pending?.asked === true && Date.now() < pending.expiresAtMs;
  }

  /** Cancels a tip whose invoice differs from what the person agreed to. Returns whether it did. */
  refuse(tip: Tip): boolean {
    const agreed = this.#dependencies.pendingTips.get(tip.id);
    if (!agreed || agreed.asked) return false;
    const problem = invoiceProblem(tip, agreed, Date.now());
    if (problem !== undefined) this.#giveUp(tip, "wrong_invoice", problem);
    return problem !== undefined;
  }

  /** Has the wallet pay. Once a wallet was asked to pay a tip, no wallet is asked to pay it again. */
  async pay(tip: Tip): Promise<void> {
    const { tipStore, pendingTips } = this.#dependencies;
    const wallet = this.#dependencies.wallet();
    if (!wallet?.pay || tip.invoice === undefined || this.refuse(tip)) return;
    const claim = await pendingTips.claim(tip.id);
    if (claim === "not_stored") {
      tipStore.explain(tip.id, "not_recorded", NOT_RECORDED);
    }
    if (claim !== "claimed") return;
    this.#committed.add(tip.id);
    tipStore.move(tip.id, "paying");
    try {
      const { preimage } = await wallet.pay(tip.invoice);
      await this.#paid(tip.id, tip.invoice, preimage);
    } catch (error) {
      if (error instanceof PaymentFailed) this.#failed(tip, error.message);
      else this.pollPayment(tip.id);
    }
  }

  /** Confirms a payment that the person made elsewhere. */
  async confirm(tip: Tip, preimage: string): Promise<void> {
    const normalized = preimage.trim().toLowerCase();
    if (tip.invoice === undefined || !(await matchesPaymentHash(normalized, tip.invoice))) {
      throw new SatoshigleError("invalid", "This preimage does not prove this payment.", { field: "preimage" });
    }
    await this.#confirm(tip.id, normalized);
  }

  /** Continues what another page or session left unfinished. */
  resume(tip: PendingTip): void {
    if (tip.preimage !== undefined) void this.#confirm(tip.id, tip.preimage).catch(() => undefined);
    else if (tip.asked) this.pollPayment(tip.id);
  }

  /** Polls the wallet until the outcome of a payment is known. */
  pollPayment(id: string): void {
    if (this.#polling.has(id) || !this.#dependencies.wallet()?.find) return;
    this.#polling.add(id);
    void this.#poll(id).finally(() => this.#polling.delete(id));
  }

  async #poll(id: string): Promise<void> {
    for (let polls = 0; !(await this.#hasOutcome(id)); polls++) await sleep(POLL_PAUSE_FACTOR * backoffMs(polls));
  }

  /** Looks the payment up once. Returns whether there is nothing left to wait for. */
  async #hasOutcome(id: string): Promise<boolean> {
    const tip = this.#dependencies.tipStore.get(id);
    const wallet = this.#dependencies.wallet();
    if (this.#closed || !wallet?.find || tip?.invoice === undefined) return true;
    if (!this.awaitsProof(tip)) {
      if (isFinal(tip)) this.#dependencies.pendingTips.forget(id);
      return true;
    }
    const payment = await wallet.find(tip.invoice).catch(() => ({ state: "unknown" as const }));
    if (payment.state === "failed") {
      this.#failed(tip, "The wallet reports that the payment failed.");
      return true;
    }
    if (payment.state !== "paid" || !(await matchesPaymentHash(payment.preimage, tip.invoice))) return false;
    await this.#confirm(id, payment.preimage).catch(() => undefined);
    return true;
  }

  async #paid(id: string, invoice: string, preimage: string): Promise<void> {
    if (await matchesPaymentHash(preimage, invoice)) {
      await this.#confirm(id, preimage).catch(() => undefined);
      return;
    }
    this.#dependencies.tipStore.explain(id, "wrong_proof", WRONG_PROOF);
    this.pollPayment(id);
  }

  /** From here on the payment is certain; only the server has yet to be notified. */
  async #confirm(id: string, preimage: string): Promise<void> {
    const { api, signal, tipStore, pendingTips } = this.#dependencies;
    const pending = pendingTips.get(id);
    const token = pending?.token === "" ? undefined : pending?.token;
    if (this.#confirming.has(id)) return;
    this.#confirming.add(id);
    if (pending) pendingTips.keep({ ...pending, asked: true, preimage: preimage.toLowerCase() });
    tipStore.move(id, "unconfirmed");
    try {
      await retry(() => api.confirmTip({ tipId: id, preimage }, token), { signal, decide });
      tipStore.move(id, "settled");
    } catch (error) {
      if (this.#closed) return;
      const problem = `The tip was paid, but the server did not record it: ${messageOf(error)}`;
      tipStore.move(id, "expired", { problem, problemCode: "not_confirmed" });
      throw error;
    } finally {
      this.#confirming.delete(id);
    }
  }

  /** The wallet reported a definite failure. */
  #failed(tip: Tip, problem: string): void {
    this.#committed.delete(tip.id);
    this.#giveUp(tip, "payment_failed", problem);
  }

  #giveUp(tip: Tip, problemCode: TipProblemCode, problem: string): void {
    const { tipStore, pendingTips, cancel } = this.#dependencies;
    pendingTips.forget(tip.id);
    tipStore.explain(tip.id, problemCode, problem);
    const latest = tipStore.get(tip.id);
    if (latest && !isFinal(latest)) cancel(latest);
  }

  get #closed(): boolean {
    return this.#dependencies.signal.aborted;
  }
}

function decide(error: unknown): RetryDecision {
  return FINAL_STATUS.has(ConnectError.from(error).code) ? "fail" : "retry";
}
