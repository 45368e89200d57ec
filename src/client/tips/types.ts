/**
 * The state of a tip. An open tip moves down this list to `received` or `settled`, or ends `declined`, `cancelled` or
 * `expired`. A payment may arrive after such an end: then the tip still becomes `received` or `settled`. Only the payer
 * sees `paying` and `unconfirmed`; to everyone else the tip is `invoiced`.
 */
export type TipState =
  /** Waiting for the payee's invoice. */
  | "offered"
  /** The invoice arrived. The payer's wallet pays it, or a person does; see `confirmTip`. */
  | "invoiced"
  /** The wallet was asked to pay, and the outcome is unknown. The payment may be in flight. */
  | "paying"
  /** Paid, but the server has not confirmed it yet. */
  | "unconfirmed"
  /** Received, says the payee. The payer has not proved the payment. Nothing is left to do. */
  | "received"
  /** Proved by the payer. */
  | "settled"
  /** The payee declined it. */
  | "declined"
  /** The payer cancelled it, or the payment definitely failed; see `problem`. */
  | "cancelled"
  /** It was not answered or paid in time. */
  | "expired";

/** A tip that this side gives or receives. Each change creates a new object. */
export interface Tip {
  id: string;
  /** The match in which the tip was offered. */
  matchId: string;
  /** Whether this side gives or receives. */
  role: "payer" | "payee";
  /** In millisatoshis. */
  amountMsat: number;
  /** From the payer; may be empty. */
  comment: string;
  state: TipState;
  /** The payee's invoice (BOLT 11), from `invoiced` on. */
  invoice: string | undefined;
  /** `Date.now()` milliseconds. */
  createdAtMs: number;
  /** When the tip expires (`Date.now()` milliseconds); undefined if it is final. */
  expiresAtMs: number | undefined;
  /** When the invoice expires and must no longer be paid (`Date.now()` milliseconds). */
  invoiceExpiresAtMs: number | undefined;
  /**
   * When the payee said that the money arrived (`Date.now()` milliseconds). Also set if the tip is `settled`, so that
   * both facts can be shown.
   */
  receivedAtMs?: number | undefined;
  /** What prevents the tip or went wrong with it, in English words for people. */
  problem: string | undefined;
  /** The same as a code, for pages in other languages. */
  problemCode?: TipProblemCode | undefined;
  /** Whether `problem` has the wallet's own words. */
  saidByWallet?: boolean | undefined;
  /** The person does not want to see this tip until it is paid; see `putAwayTip`. */
  putAway?: boolean | undefined;
}

/** What can prevent a tip, or go wrong with it. */
export type TipProblemCode =
  /** The tip was not offered by this page, so it is not paid from here. */
  | "not_remembered"
  /** Too many tips arrived at once for the wallet to answer all automatically. */
  | "too_many"
  /** The wallet did not create an invoice; `problem` has its words if it has any. */
  | "no_invoice"
  /** The service of a lightning address cannot be used. */
  | "address_unusable"
  /** The lightning address does not take this amount. */
  | "address_limits"
  /** The service of the lightning address refused; `problem` has its words. */
  | "address_refused"
  /** The service of the lightning address sent another invoice than it was asked for. */
  | "address_wrong"
  /** The invoice is not valid, or not what the person agreed to. */
  | "wrong_invoice"
  /** The payment could not be recorded in this browser, so it was not started. */
  | "not_recorded"
  /** The wallet handles whole satoshis only, and the amount is not a whole number of them. */
  | "whole_sats"
  /** The wallet was asked to pay and has not answered. The tip may still be paid. */
  | "wallet_silent"
  /** The same, and the clock of this device differs from the server's by more than a minute, which wallets do not accept. */
  | "clock_off"
  /** The wallet reports a problem, but may still pay; `problem` has its words if it has any. */
  | "payment_unclear"
  /** The wallet says that the payment is on its way, which takes long. */
  | "payment_pending"
  /** The tip has ended, and the wallet has not said whether it was paid. If it was, it still settles. */
  | "outcome_unknown"
  /** The wallet says that it paid, but its proof does not match the invoice. */
  | "wrong_proof"
  /** Nothing was paid and nothing will be; `problem` has the wallet's words if it has any. */
  | "payment_failed"
  /** The tip was paid, but the server did not record it. */
  | "not_confirmed"
  /** The server did not accept the offer. */
  | "refused";

/** The limits for tips on this server. */
export interface TipTerms {
  network: "bitcoin" | "testnet" | "signet" | "regtest";
  minMsat: number;
  maxMsat: number;
  maxCommentCharacters: number;
}

/** The tips of a match, in millisatoshis. A tip is in one of the two sums of its side. */
export interface TipTotals {
  /** Settled tips. */
  givenMsat: number;
  receivedMsat: number;
  /** Tips that the payee has received, as it says, and whose payment is not proved. */
  unprovedGivenMsat: number;
  unprovedReceivedMsat: number;
}

export interface SatsStreamOptions {
  /** The rate, in millisatoshis per minute. */
  msatPerMinute: number;
  /** The maximum to spend in total, in millisatoshis. */
  budgetMsat: number;
}

/** Why a stream of sats ended. `failed`: one of its tips was not paid. */
export type SatsStreamEnd = "stopped" | "call_over" | "budget" | "failed";

/** Why a payment by the minute ended. */
export type MinutesEnd =
  /** The payer stopped it. */
  | "stopped"
  /** The payee asks for no more. */
  | "partner_stopped"
  | "call_over"
  /** The call was interrupted for too long. */
  | "interrupted"
  /** The payee's picture, or its sound, arrived before and did not for 15 seconds. */
  | "no_picture"
  | "no_sound"
  /** Another minute would exceed the budget. */
  | "budget"
  /** The tip for a minute was not paid, or not in time. It is not tried again, and its money may have left. */
  | "failed";

/** What this side pays for the minutes of a match. */
export interface GivenMinutes {
  /** Undefined while it pays. */
  end: MinutesEnd | undefined;
  /** How many minutes were paid, by proof or by the payee's word. */
  minutes: number;
  /** In millisatoshis, including the tip under way, and money that may have left. */
  spentMsat: number;
  budgetMsat: number;
  /** When the next minute that is paid is over (`Date.now()` milliseconds). */
  nextAtMs: number | undefined;
}

/** What the partner pays for the minutes of a match. That it pays and why it ended is its word; what arrived is certain. */
export interface ReceivedMinutes {
  /** Undefined while the partner says that it pays. */
  end: MinutesEnd | undefined;
  /** How many tips of the price arrived since the partner agreed, by proof or by the word of this side's wallet. */
  minutes: number;
  /** Their sum, in millisatoshis. */
  receivedMsat: number;
  /** Whether no payment arrived although one was due. */
  overdue: boolean;
}

/** The prices of a match, in millisatoshis, and what is paid. Each change creates a new object. */
export interface MinutesView {
  /** The current match, or the one before if nothing came after it. */
  matchId: string;
  /** What the partner asks for a minute; 0 for nothing. */
  partnerMsat: number;
  /** What this side asks for a minute; 0 for nothing. */
  ownMsat: number;
  /** Null until this side agreed. */
  given: GivenMinutes | null;
  /** Null until the partner agreed. */
  received: ReceivedMinutes | null;
}

/** Payment by the minute; see `SatoshigleClient.minutes`. */
export interface Minutes {
  /**
   * Null in a match in which neither side asks for anything. What was paid in one, and why that ended, stays until the
   * next match begins. The event `minutes` has each change.
   */
  readonly view: MinutesView | null;
  /**
   * Agrees to the partner's price, which does not change during a match. Each minute that begins from now on is paid with
   * a tip when it is over, for as long as the call runs and what arrived of picture and sound arrives, within the budget in
   * millisatoshis. Requires a wallet that pays. Does nothing while this side pays already.
   */
  accept(options: { budgetMsat: number }): Promise<void>;
  /** Pays no further minute. A tip that is under way is still paid. */
  stop(): void;
  /** Asks the partner for nothing more in this match. */
  waive(): void;
}

/** A series of small tips at a steady rate. */
export interface SatsStream {
  /** Stops making tips. A tip that is under way is still paid. */
  stop(): void;
  /** Resolves when no further tip will be made. */
  readonly ended: Promise<SatsStreamEnd>;
  /** The sum of its tips so far in millisatoshis, including the one under way. */
  readonly spentMsat: number;
}
