import { messageOf } from "../errors.js";
import { NwcArrivals } from "./nwc-arrivals.js";
import { nwcLibrary } from "./nwc-library.js";
import { PaymentUnclear } from "./payment-unclear.js";
import { PaymentFailed, type InvoiceTerms, type Payment, type Wallet } from "./wallet.js";

/**
 * The part of `NWCClient` of `@getalby/sdk` in use. Declared here because that package is optional: the types of this one
 * must resolve without it.
 */
export interface NwcConnection {
  makeInvoice(request: { amount: number; description?: string; expiry?: number }): Promise<{ invoice: string }>;
  /** Some wallets answer without a preimage. */
  payInvoice(request: { invoice: string }): Promise<{ preimage?: string }>;
  /** Older wallets give no state. */
  lookupInvoice(request: { invoice: string }): Promise<{ state?: string; preimage?: string; settled_at?: number }>;
  /** Which events the wallet reports of its own accord. */
  getWalletServiceInfo?(): Promise<{ notifications: readonly string[] }>;
  /** Resolves to a function that ends it. */
  subscribeNotifications?(
    told: (event: { notification_type: string; notification: { invoice?: string } }) => void,
    types: "payment_received"[],
  ): Promise<() => void>;
  close(): void;
}

/** Codes of errors after which a request led to no payment. Not `PAYMENT_FAILED`, which may be a timeout. */
const NOT_ATTEMPTED_CODES = new Set([
  "INSUFFICIENT_BALANCE",
  "NOT_IMPLEMENTED",
  "QUOTA_EXCEEDED",
  "RATE_LIMITED",
  "RESTRICTED",
  "UNAUTHORIZED",
  "UNSUPPORTED_ENCRYPTION",
]);

/**
 * A wallet that is connected through Nostr Wallet Connect (NIP-47). The library is loaded on first use.
 */
export class NwcWallet implements Wallet {
  readonly #connect: () => Promise<NwcConnection>;
  #connection: Promise<NwcConnection> | undefined;
  #arrivals: NwcArrivals | undefined;

  /** @param connection the connection string of the wallet (`nostr+walletconnect://…`), which is a secret */
  constructor(connection: string | (() => Promise<NwcConnection>)) {
    this.#connect = typeof connection === "string" ? () => load(connection) : connection;
  }

  /** Whether a text has the form of a connection string. */
  static accepts(text: string): boolean {
    return (
      /^nostr\+?walletconnect:(\/\/)?[0-9a-f]{64}\?.*\brelay=.*$/i.test(text) && /[?&]secret=[0-9a-f]{64}/i.test(text)
    );
  }

  async makeInvoice({ amountMsat, memo, expirySeconds }: InvoiceTerms): Promise<string> {
    const connection = await this.#connected();
    const terms = { amount: amountMsat, description: memo };
    if (expirySeconds === undefined) return (await connection.makeInvoice(terms)).invoice;
    const made = await connection.makeInvoice({ ...terms, expiry: expirySeconds }).catch((error: unknown) => {
      if (!/expir/i.test(messageOf(error))) throw error;
      return connection.makeInvoice(terms); // the wallet does not take an expiry
    });
    return made.invoice;
  }

  async pay(invoice: string): Promise<{ preimage: string }> {
    const connection = await this.#connected().catch((error: unknown) => {
      throw new PaymentFailed("The wallet cannot be reached.", { cause: error });
    });
    let answer: { preimage?: string };
    try {
      answer = await connection.payInvoice({ invoice });
    } catch (error) {
      return this.#outcomeOf(error, invoice);
    }
    if (answer.preimage) return { preimage: answer.preimage };
    throw new Error("The wallet returned no proof of the payment.");
  }

  async find(invoice: string): Promise<Payment> {
    const connection = await this.#connected();
    const { state, preimage, settled_at: settledAt } = await connection.lookupInvoice({ invoice });
    if ((state === "settled" || (state === undefined && settledAt)) && preimage) return { state: "paid", preimage };
    if (state === "failed") return { state: "failed" };
    return { state: state === undefined ? "unknown" : "pending" };
  }

  async watchReceived(invoice: string, signal: AbortSignal): Promise<void> {
    const connection = await this.#connected();
    this.#arrivals ??= new NwcArrivals(connection);
    await this.#arrivals.watch(invoice, signal);
  }

  /** Disconnects from the relay. */
  async close(): Promise<void> {
    (await this.#connection)?.close();
  }

  /**
   * What a payment came to whose request failed. The library distinguishes its errors by class only. A relay may deliver a
   * request twice, and the wallet refuse the second one while it pays the first: it is always asked what it knows.
   */
  async #outcomeOf(error: unknown, invoice: string): Promise<{ preimage: string }> {
    const { Nip47NetworkError, Nip47UnsupportedEncryptionError, Nip47WalletError } = await nwcLibrary();
    const failed = new PaymentFailed(messageOf(error), { cause: error });
    if (error instanceof Nip47NetworkError || error instanceof Nip47UnsupportedEncryptionError) throw failed;
    if (!(error instanceof Nip47WalletError)) throw error;
    // A wallet that does not know a payment may have it on its way.
    const found = await this.find(invoice).catch(() => ({ state: "unknown" }) as const);
    if (found.state === "paid") return { preimage: found.preimage };
    if (found.state === "failed") throw failed;
    if (found.state === "unknown" && NOT_ATTEMPTED_CODES.has(error.code)) throw failed;
    throw new PaymentUnclear(messageOf(error), { cause: error });
  }

  #connected(): Promise<NwcConnection> {
    this.#connection ??= this.#connect().catch((error: unknown) => {
      this.#connection = undefined;
      throw error;
    });
    return this.#connection;
  }
}

async function load(connection: string): Promise<NwcConnection> {
  const { NWCClient } = await nwcLibrary();
  return new NWCClient({ nostrWalletConnectUrl: connection });
}

/** Loads the library of Nostr Wallet Connect. @throws Error if the package `@getalby/sdk` is not installed */
export async function loadNwc(): Promise<void> {
  await nwcLibrary();
}
