import { messageOf } from "../errors.js";
import { PaymentFailed, type InvoiceTerms, type Payment, type Wallet } from "./wallet.js";

/** What of WebLN is used; amounts in satoshis. */
export interface WebLnProvider {
  enable(): Promise<unknown>;
  makeInvoice(terms: { amount: number; defaultMemo: string }): Promise<{ paymentRequest: string }>;
  sendPayment(invoice: string): Promise<{ preimage: string }>;
  lookupInvoice?(invoice: { paymentRequest: string }): Promise<{ paid: boolean; preimage?: string | undefined }>;
}

/** The wallet that the browser brings along (`window.webln`), such as an extension. It asks the person by itself. */
export class WebLnWallet implements Wallet {
  readonly #provider: WebLnProvider;
  #enabled: Promise<unknown> | undefined;

  constructor(provider: WebLnProvider) {
    this.#provider = provider;
  }

  /** The browser's own one, if it has any. */
  static ofBrowser(): WebLnWallet | undefined {
    const { webln } = globalThis as { webln?: WebLnProvider };
    return webln && new WebLnWallet(webln);
  }

  async makeInvoice({ amountMsat, memo }: InvoiceTerms): Promise<string> {
    // WebLN counts in satoshis.
    if (amountMsat % 1_000 !== 0) throw new Error("This wallet deals in whole satoshis only.");
    await this.#enable();
    const { paymentRequest } = await this.#provider.makeInvoice({ amount: amountMsat / 1_000, defaultMemo: memo });
    return paymentRequest;
  }

  async pay(invoice: string): Promise<{ preimage: string }> {
    // Asked before anything is paid, so a no here is a clear one.
    await this.#enable().catch((error: unknown) => {
      throw new PaymentFailed(messageOf(error), { cause: error });
    });
    try {
      return { preimage: (await this.#provider.sendPayment(invoice)).preimage };
    } catch (error) {
      if (isRejection(error)) throw new PaymentFailed("The payment was declined in the wallet.", { cause: error });
      // WebLN has no codes: what looks like a failure may be a time limit of the extension.
      throw error;
    }
  }

  async find(invoice: string): Promise<Payment> {
    if (!this.#provider.lookupInvoice) return { state: "unknown" };
    await this.#enable();
    const { paid, preimage } = await this.#provider.lookupInvoice({ paymentRequest: invoice });
    // Not paid does not mean that it never will be.
    return paid && preimage ? { state: "paid", preimage } : { state: "unknown" };
  }

  #enable(): Promise<unknown> {
    this.#enabled ??= this.#provider.enable().catch((error: unknown) => {
      this.#enabled = undefined;
      throw error;
    });
    return this.#enabled;
  }
}

/** The person said no. Wallets follow the words of the first one. */
function isRejection(error: unknown): boolean {
  return /user (rejected|cancell?ed|denied)|prompt (was )?closed/i.test(messageOf(error));
}
