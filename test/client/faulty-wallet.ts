import * as nwc from "@getalby/sdk/nwc";
import { readInvoice } from "../../src/client/tips/invoice.js";
import type { NwcConnection } from "../../src/client/wallets/nwc.js";

/** What a wallet does with one payment. */
export interface PaymentPlan {
  /** When the money leaves after the request; undefined if it never does. */
  landsAfterMs: number | undefined;
  answer: "proof" | "no proof" | "wrong proof" | "PAYMENT_FAILED" | "INTERNAL" | "QUOTA_EXCEEDED" | "timeout" | "never";
  answersAfterMs: number;
  /** What it says when it is asked about the payment, in turn. */
  lookups: ("truth" | "NOT_FOUND" | "INTERNAL" | "timeout" | "never")[];
}

interface Payment {
  plan: PaymentPlan;
  requestedAtMs: number;
  looks: number;
}

/**
 * A wallet behind a relay, of which every part may fail, except that it refuses for good only what it will not pay. Its
 * money and what it knows are the same for all tabs.
 */
export class FaultyWallet {
  /** How often each payment hash was asked to be paid. */
  readonly asked = new Map<string, number>();
  readonly #payments = new Map<string, Payment>();
  readonly #preimages = new Map<string, string>();
  /** From now on it answers every question with the truth. */
  healed = false;

  constructor(private readonly planOf: (count: number) => PaymentPlan) {}

  /** Makes a preimage known to the wallet once it pays. */
  issue(invoice: string, preimage: string): void {
    this.#preimages.set(hashOf(invoice), preimage);
  }

  /** Whether the money for an invoice has left. */
  hasLeft(invoice: string): boolean {
    const payment = this.#payments.get(hashOf(invoice));
    return payment !== undefined && Date.now() >= landsAtMs(payment);
  }

  /** Whether it has left or will leave. */
  leaves(invoice: string): boolean {
    return this.#payments.get(hashOf(invoice))?.plan.landsAfterMs !== undefined;
  }

  /** The connection of one tab, which gets no answer once the tab is closed. */
  connection(isClosed: () => boolean): NwcConnection {
    const inTab = async <T>(answer: Promise<T>): Promise<T> => {
      const settled = await answer.then(
        (value) => () => value,
        (error: unknown) => (): T => {
          throw error;
        },
      );
      return isClosed() ? new Promise(() => undefined) : settled();
    };
    return {
      makeInvoice: () => Promise.reject(new Error("This wallet only pays.")),
      payInvoice: ({ invoice }) => inTab(this.#pay(hashOf(invoice))),
      lookupInvoice: ({ invoice }) => inTab(this.#look(hashOf(invoice))),
      close: () => undefined,
    };
  }

  async #pay(hash: string): Promise<{ preimage?: string }> {
    this.asked.set(hash, (this.asked.get(hash) ?? 0) + 1);
    const known = this.#payments.get(hash);
    const plan = known?.plan ?? this.planOf(this.#payments.size);
    if (!known) this.#payments.set(hash, { plan, requestedAtMs: Date.now(), looks: 0 });
    const { answer } = plan;
    const waitMs = answer === "proof" ? (plan.landsAfterMs ?? Infinity) + plan.answersAfterMs : plan.answersAfterMs;
    if (answer === "never" || waitMs === Infinity) return new Promise(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    if (answer === "proof") return { preimage: this.#preimages.get(hash) ?? "" };
    if (answer === "wrong proof") return { preimage: "ab".repeat(32) };
    if (answer === "no proof") return {};
    throw errorOf(answer);
  }

  async #look(hash: string): Promise<{ state?: string; preimage?: string }> {
    const payment = this.#payments.get(hash);
    const { lookups } = payment?.plan ?? { lookups: [] };
    const said =
      this.healed || !payment ? "truth" : (lookups[payment.looks++ % Math.max(1, lookups.length)] ?? "truth");
    if (said === "never") return new Promise(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 500));
    if (said !== "truth") throw errorOf(said);
    if (!payment) throw errorOf("NOT_FOUND");
    if (Date.now() >= landsAtMs(payment)) return { state: "settled", preimage: this.#preimages.get(hash) ?? "" };
    return { state: payment.plan.landsAfterMs === undefined ? "failed" : "pending" };
  }
}

function errorOf(said: string): Error {
  if (said === "timeout") return new nwc.Nip47ReplyTimeoutError("reply timeout", "INTERNAL");
  return new nwc.Nip47WalletError(said === "INTERNAL" ? "[HtlcLog(amount=1)]" : "Something went wrong here.", said);
}

function landsAtMs({ plan, requestedAtMs }: Payment): number {
  return requestedAtMs + (plan.landsAfterMs ?? Infinity);
}

export function hashOf(invoice: string): string {
  return readInvoice(invoice)?.paymentHash ?? invoice;
}
