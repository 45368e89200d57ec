/**
 * A Lightning wallet. Money moves only between wallets; the server sees invoices and proofs.
 *
 * `pay` must reject with `PaymentFailed` only if nothing was paid and nothing will be. Any other rejection means that
 * the payment may still complete, and the tip stays open until it expires. `PaymentUnclear` says what the wallet said.
 */
export interface Wallet {
  /** Whether it cannot handle fractions of a satoshi. */
  readonly wholeSats?: boolean;
  /** Creates an invoice (BOLT 11) for exactly this amount. Without it, people paste invoices; see `acceptTip`. */
  makeInvoice?(terms: InvoiceTerms): Promise<string>;
  /** Pays and returns the preimage in hexadecimal. Without it, people pay elsewhere; see `confirmTip`. */
  pay?(invoice: string): Promise<{ preimage: string }>;
  /** Looks up a payment that a closed tab or a lost response interrupted. */
  find?(invoice: string): Promise<Payment>;
  /**
   * Resolves when the money for an invoice of this wallet has arrived, in full. Rejects when `signal` aborts, or at once
   * if the wallet cannot know. Without it, or after a rejection, the payer's proof is all there is.
   */
  watchReceived?(invoice: string, signal: AbortSignal): Promise<void>;
}

/** What an invoice must contain. */
export interface InvoiceTerms {
  /** In millisatoshis. */
  amountMsat: number;
  memo: string;
  expirySeconds?: number;
  /** The Lightning network that it must be on, for wallets that could give one of another. */
  network?: "bitcoin" | "testnet" | "signet" | "regtest";
}

/** The state of a payment. `failed`: it will never complete. `unknown`: the wallet does not know. */
export type Payment = { state: "paid"; preimage: string } | { state: "pending" } | { state: "failed" | "unknown" };

/** The payment failed: nothing was paid and nothing will be. */
export class PaymentFailed extends Error {
  override readonly name = "PaymentFailed";
}
