import { Code, ConnectError } from "@connectrpc/connect";
import { retry, type RetryDecision } from "../connection/retry.js";
import { backoffMs, sleep } from "../connection/timers.js";
import { messageOf, SatoshigleError } from "../errors.js";
import { PaymentUnclear } from "../wallets/payment-unclear.js";
import { PaymentFailed, type Payment, type Wallet } from "../wallets/wallet.js";
import type { TipApi } from "./tip-api.js";
import { isFinal, isPaid, isUnresolved, type TipProblem, type TipStore } from "./tip-store.js";
import { matchesPaymentHash, readInvoice } from "./invoice.js";
import { invoiceProblem } from "./invoice-check.js";
import { walletProblem } from "./wallet-words.js";
import type { Tip } from "./types.js";
import type { PendingTip, PendingTips } from "./pending-tips.js";

/** The pauses between two looks at a payment, compared with those between two tries of a call, until the tip has ended. */
const POLL_PAUSE_FACTOR = 6;
/** The same afterwards: a hold invoice may settle days later. */
const LATE_POLL_PAUSE_FACTOR = 60;
/** How long a wallet may take to look up a payment. */
const FIND_TIMEOUT_MS = 60_000;

/** Status codes with which the server rejects a proof for good. Any other failure may pass, a ban or a limit included. */
const FINAL_STATUS = new Set([Code.InvalidArgument, Code.FailedPrecondition, Code.NotFound, Code.Unauthenticated]);

const NOT_RECORDED = "The payment could not be recorded in this browser, so it was not started.";
const WRONG_PROOF = "Your wallet says that it paid, but its proof does not match the invoice.";
const USED_INVOICE = "Your wallet was asked to pay this invoice before, for another tip.";
const FAILED = "Your wallet reports that the payment failed.";
const UNCLEAR = "Your wallet reports a problem, but does not know for certain that nothing was paid.";
const PENDING = "Your wallet says that the payment is on its way. It may take long.";
const UNKNOWN = "Your wallet did not say whether the tip was paid. Check your wallet.";

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
 * unknown is never treated as a failure: the tip stays open, and the wallet is polled, also after the tip has expired.
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

  /** Whether a wallet was asked to pay this tip and has not reported a definite failure, as far as this page knows. */
  mayBePaid(id: string): boolean {
    const { pendingTips } = this.#dependencies;
    return this.#committed.has(id) || pendingTips.get(id)?.asked === true || pendingTips.isFinishedElsewhere(id);
  }

  /** Corrects the reported end of a tip that may have been paid: the server does not know what the wallet did. */
  asKnown(tip: Tip): Tip {
    const isKnown = !isFinal(tip) || isPaid(tip) || tip.role === "payee";
    if (isKnown || !this.mayBePaid(tip.id)) return tip;
    return { ...tip, state: "expired", problem: UNKNOWN, problemCode: "outcome_unknown" };
  }

  /**
   * Whether the wallet may still have the proof of a payment: it is under way, or the payee has seen the money first. The
   * latter is waited for until the tip would have expired.
   */
  awaitsProof(tip: Tip): boolean {
    if (tip.state !== "received") return isUnresolved(tip);
    const pending = this.#dependencies.pendingTips.get(tip.id);
    return pending?.asked === true && Date.now() < pending.expiresAtMs;
  }

  /** Cancels a tip whose invoice differs from what the person agreed to. Returns whether it did. */
  refuse(tip: Tip): boolean {
    const agreed = this.#dependencies.pendingTips.get(tip.id);
    if (!agreed || agreed.asked) return false;
    const problem = invoiceProblem(tip, agreed, Date.now());
    if (problem !== undefined) this.#giveUp(tip, { problemCode: "wrong_invoice", problem });
    return problem !== undefined;
  }

  /** Has the wallet pay. Once a wallet was asked to pay a tip, no wallet is asked to pay it again. */
  async pay(tip: Tip): Promise<void> {
    const { tipStore } = this.#dependencies;
    const wallet = this.#dependencies.wallet();
    if (!wallet?.pay || tip.invoice === undefined || this.refuse(tip) || !(await this.#claim(tip, tip.invoice))) return;
    tipStore.move(tip.id, "paying");
    try {
      const { preimage } = await wallet.pay(tip.invoice);
      await this.#paid(tip.id, tip.invoice, preimage);
    } catch (error) {
      if (error instanceof PaymentFailed) {
        this.#failed(tip, walletProblem("payment_failed", error, FAILED));
        return;
      }
      if (error instanceof PaymentUnclear) {
        tipStore.explain(tip.id, walletProblem("payment_unclear", error, UNCLEAR));
      }
      this.pollPayment(tip.id);
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

  /** Returns whether this page may ask its wallet to pay, now and never again. */
  async #claim(tip: Tip, invoice: string): Promise<boolean> {
    const { tipStore, pendingTips } = this.#dependencies;
    const claim = await pendingTips.claim(tip.id, readInvoice(invoice));
    const latest = tipStore.get(tip.id);
    if (claim === "not_stored") tipStore.explain(tip.id, { problemCode: "not_recorded", problem: NOT_RECORDED });
    if (claim === "used") this.#giveUp(tip, { problemCode: "wrong_invoice", problem: USED_INVOICE });
    // Another tab has asked its wallet.
    if (claim === "taken" && pendingTips.get(tip.id)?.asked) tipStore.move(tip.id, "paying");
    if (claim !== "claimed" || !latest || isFinal(latest)) return false;
    this.#committed.add(tip.id);
    return true;
  }

  async #poll(id: string): Promise<void> {
    const { tipStore } = this.#dependencies;
    for (let polls = 0; !(await this.#hasOutcome(id)); polls++) {
      const tip = tipStore.get(id);
      await sleep((tip && isFinal(tip) ? LATE_POLL_PAUSE_FACTOR : POLL_PAUSE_FACTOR) * backoffMs(polls));
    }
  }

  /** Looks the payment up once. Returns whether there is nothing left to wait for. */
  async #hasOutcome(id: string): Promise<boolean> {
    const { tipStore, signal } = this.#dependencies;
    const before = tipStore.get(id);
    const wallet = this.#dependencies.wallet();
    if (this.#closed || !wallet?.find || before?.invoice === undefined) return true;
    if (!this.awaitsProof(before)) {
      if (isFinal(before)) this.#dependencies.pendingTips.forget(id);
      return true;
    }
    const payment = await this.#find(wallet, before.invoice);
    const tip = tipStore.get(id);
    if (signal.aborted || !tip || !this.awaitsProof(tip)) return true;
    if (payment.state === "failed") {
      const { problem, saidByWallet } = tip;
      const words = saidByWallet ? { problem, saidByWallet } : { problem: FAILED };
      this.#failed(tip, { ...words, problemCode: "payment_failed" });
      return true;
    }
    if (payment.state === "pending" && ["wallet_silent", "clock_off"].includes(tip.problemCode ?? "")) {
      tipStore.explain(id, { problemCode: "payment_pending", problem: PENDING });
    }
    if (payment.state !== "paid" || !(await matchesPaymentHash(payment.preimage, before.invoice))) return false;
    await this.#confirm(id, payment.preimage).catch(() => undefined);
    return true;
  }

  /** A wallet that cannot be asked does not know. */
  async #find(wallet: Wallet, invoice: string): Promise<Payment> {
    const unknown = { state: "unknown" } as const;
    const over = new AbortController();
    const limit = sleep(FIND_TIMEOUT_MS, over.signal).then(() => unknown);
    const found = Promise.resolve(wallet.find?.(invoice) ?? unknown).catch(() => unknown);
    return Promise.race([found, limit]).finally(() => over.abort());
  }

  async #paid(id: string, invoice: string, preimage: string): Promise<void> {
    if (await matchesPaymentHash(preimage, invoice)) {
      await this.#confirm(id, preimage).catch(() => undefined);
      return;
    }
    this.#dependencies.tipStore.explain(id, { problemCode: "wrong_proof", problem: WRONG_PROOF });
    this.pollPayment(id);
  }

  /** From here on the payment is certain; only the server has yet to be notified. */
  async #confirm(id: string, preimage: string): Promise<void> {
    const { api, signal, tipStore, pendingTips } = this.#dependencies;
    const pending = pendingTips.get(id);
    const token = pending?.token === "" ? undefined : pending?.token;
    if (this.#confirming.has(id)) return;
    this.#confirming.add(id);
    this.#committed.add(id);
    pendingTips.change(id, { asked: true, preimage: preimage.toLowerCase() });
    tipStore.move(id, "unconfirmed");
    try {
      await retry(() => api.confirmTip({ tipId: id, preimage }, token), { signal, decide });
      tipStore.move(id, "settled");
    } catch (error) {
      if (this.#closed) return;
      const problem = `The tip was paid, but the server did not record it: ${messageOf(error)}`;
      tipStore.correct(id, { state: "expired", problem, problemCode: "not_confirmed" });
      throw error;
    } finally {
      this.#confirming.delete(id);
    }
  }

  /** The wallet reported a definite failure. */
  #failed(tip: Tip, reason: TipProblem): void {
    this.#committed.delete(tip.id);
    this.#giveUp(tip, reason);
  }

  #giveUp(tip: Tip, reason: TipProblem): void {
    const { tipStore, pendingTips, cancel } = this.#dependencies;
    pendingTips.forget(tip.id);
    const latest = tipStore.get(tip.id);
    if (!latest) return;
    if (isFinal(latest)) {
      if (isUnresolved(latest)) tipStore.correct(tip.id, { state: "expired", saidByWallet: false, ...reason });
      return;
    }
    tipStore.explain(tip.id, reason);
    cancel(latest);
  }

  get #closed(): boolean {
    return this.#dependencies.signal.aborted;
  }
}

function decide(error: unknown): RetryDecision {
  return FINAL_STATUS.has(ConnectError.from(error).code) ? "fail" : "retry";
}
