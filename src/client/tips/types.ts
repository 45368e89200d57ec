import type { Wallet } from "../wallets/wallet.js";

/**
 * How far a tip has come. It only ever moves down this list, and the last four are final. `paying` and `unconfirmed` are
 * known to the payer alone: to everyone else the tip is `invoiced`.
 */
export type TipState =
  /** The payee's invoice is awaited. */
  | "offered"
  /** The invoice is there. The payer's wallet pays it, or a person does; see `confirmTip`. */
  | "invoiced"
  /** The wallet was asked to pay and nobody knows yet what came of it. The money may be on its way. */
  | "paying"
  /** Paid; the server has still to take note. */
  | "unconfirmed"
  /** Paid, and in the books for good. */
  | "settled"
  /** The payee did not want it. */
  | "declined"
  /** The payer gave it up, or its wallet said for sure that nothing was paid; see `problem`. */
  | "cancelled"
  /** Nothing came in time. */
  | "expired";

/** A tip from or to this side. A new object for each change. */
export interface Tip {
  id: string;
  /** The match in which the two met. */
  matchId: string;
  /** Whether this side gives or gets. */
  role: "payer" | "payee";
  /** In thousandths of a satoshi. */
  amountMsat: number;
  /** The payer's words; may be empty. */
  comment: string;
  state: TipState;
  /** The payee's invoice (BOLT 11), from `invoiced` on. */
  invoice: string | undefined;
  /** `Date.now()` milliseconds. */
  createdAtMs: number;
  /** When it expires by itself; undefined when it is final. */
  expiresAtMs: number | undefined;
  /** From when on the invoice must not be paid any more. */
  invoiceExpiresAtMs: number | undefined;
  /** What stands in the way or went wrong, for a person. */
  problem: string | undefined;
}

/** What tips may be; `null` in the state when the server has none. */
export interface TipTerms {
  network: "bitcoin" | "testnet" | "signet" | "regtest";
  minMsat: number;
  maxMsat: number;
  maxCommentCharacters: number;
}

/** Settled tips of a match, in thousandths of a satoshi. */
export interface TipTotals {
  givenMsat: number;
  receivedMsat: number;
}

export interface SatsStreamOptions {
  /** How fast, in thousandths of a satoshi. */
  msatPerMinute: number;
  /** At most this much in all, in thousandths of a satoshi. */
  budgetMsat: number;
}

/** Why a stream of sats ended. `failed`: a tip of it was not paid. */
export type SatsStreamEnd = "stopped" | "call_over" | "budget" | "failed";

/** Sats by the minute: a series of small tips. */
export interface SatsStream {
  /** No further tip. One that is under way is still paid. */
  stop(): void;
  /** Resolves when no further tip will be made. */
  readonly ended: Promise<SatsStreamEnd>;
  /** What its tips came to so far, in thousandths of a satoshi, the one under way included. */
  readonly spentMsat: number;
}

/** What a client does for tips. Amounts are in thousandths of a satoshi; every change arrives as a `tip` event. */
export interface Tips {
  /**
   * The wallet that makes invoices and pays from now on; `null` for none, so that the page shows and asks. With `answer:
   * "ask"` it makes invoices only for tips that are accepted; by default it answers every tip by itself.
   */
  setWallet(wallet: Wallet | null, options?: { answer?: "automatic" | "ask" }): void;
  /** Offers the partner a tip. Resolves when the server has taken it; a wallet pays as soon as the invoice is there. */
  tip(amountMsat: number, comment?: string): Promise<Tip>;
  /** Answers a tip to this side with an invoice: one that the person made elsewhere, or one of the wallet. */
  acceptTip(tipId: string, invoice?: string): Promise<void>;
  /** Says no to a tip to this side; possible as long as there is no invoice. */
  declineTip(tipId: string): Promise<void>;
  /** Gives up a tip of this side; possible as long as it is surely not paid. */
  cancelTip(tipId: string): Promise<void>;
  /**
   * Has the wallet pay an `invoiced` tip that it did not pay by itself, such as one from before a reload. Only a tip whose
   * offer this client remembers, in this page or in `tipStorage`, and only over what was offered then.
   */
  payTip(tipId: string): Promise<void>;
  /** Shows the server the proof of a payment that the person made elsewhere: its preimage, in hexadecimal. */
  confirmTip(tipId: string, preimage: string): Promise<void>;
  /** Tips at a steady rate while the call lasts, never more than one at a time. Throws when that is not possible. */
  streamSats(options: SatsStreamOptions): SatsStream;
  /** Every tip this client knows of, the oldest first. */
  readonly tips: readonly Tip[];
  /** What was settled in a match, by default the current one or the last. */
  tipTotals(matchId?: string): TipTotals;
}
