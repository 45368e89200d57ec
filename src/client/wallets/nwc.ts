import { messageOf } from "../errors.js";
import { NwcArrivals } from "./nwc-arrivals.js";
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

/** Codes of errors after which no payment was attempted. Not `PAYMENT_FAILED`, which may be a timeout. */
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
    const expiry = expirySeconds === undefined ? {} : { expiry: expirySeconds };
    return (await connection.makeInvoice({ amount: amountMsat, description: memo, ...expiry })).invoice;
  }

  async pay(invoice: string): Promise<{ preimage: string }> {
    const connection = await this.#connected().catch((error: unknown) => {
      throw new PaymentFailed("The wallet cannot be reached.", { cause: error });
    });
    try {
      const { preimage } = await connection.payInvoice({ invoice });
      if (preimage) return { preimage };
    } catch (error) {
      if (await this.#hasFailed(error, invoice)) throw new PaymentFailed(messageOf(error), { cause: error });
      throw error;
    }
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

  /** Whether the payment definitely failed. The library distinguishes its errors by class only. */
  async #hasFailed(error: unknown, invoice: string): Promise<boolean> {
    const { Nip47NetworkError, Nip47UnsupportedEncryptionError, Nip47WalletError } = await loadNwc();
    if (error instanceof Nip47NetworkError || error instanceof Nip47UnsupportedEncryptionError) return true;
    if (!(error instanceof Nip47WalletError)) return false;
    if (NOT_ATTEMPTED_CODES.has(error.code)) return true;
    if (error.code !== "PAYMENT_FAILED") return false;
    return this.find(invoice).then(
      ({ state }) => state === "failed",
      (reason: unknown) => reason instanceof Nip47WalletError && reason.code === "NOT_FOUND",
    );
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
  const { NWCClient } = await loadNwc();
  return new NWCClient({ nostrWalletConnectUrl: connection });
}

/** Within `try`, so that bundlers accept that the package is missing. */
export async function loadNwc() {
  try {
    return await import("@getalby/sdk/nwc");
  } catch (error) {
    throw new Error("NwcWallet needs the package @getalby/sdk: npm install @getalby/sdk", { cause: error });
  }
}
