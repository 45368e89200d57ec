/**
 * A Lightning wallet as the client needs it. Money moves between the wallets alone; the server sees invoices and proofs.
 *
 * `pay` must be clear about failure: it rejects with `PaymentFailed` only when nothing was paid and nothing will be. Any
 * other rejection means that the payment may still arrive, and the tip stays open until it expires.
 */
export interface Wallet {
  /** An invoice (BOLT 11) of exactly this amount. Without this verb the page pastes invoices; see `acceptTip`. */
  makeInvoice?(terms: InvoiceTerms): Promise<string>;
  /** Pays, and gives the preimage that proves it, in hexadecimal. Without this verb the page pays; see `confirmTip`. */
  pay?(invoice: string): Promise<{ preimage: string }>;
  /** What became of a payment that a closed tab or a lost answer interrupted. */
  find?(invoice: string): Promise<Payment>;
}

/** What an invoice must say. */
export interface InvoiceTerms {
  /** In thousandths of a satoshi. */
  amountMsat: number;
  memo: string;
  expirySeconds?: number;
}

/** How a payment stands. `failed`: not paid, and it never will be. `unknown`: the wallet cannot tell. */
export type Payment = { state: "paid"; preimage: string } | { state: "pending" } | { state: "failed" | "unknown" };

/** Nothing was paid and nothing will be. */
export class PaymentFailed extends Error {
  override readonly name = "PaymentFailed";
}
