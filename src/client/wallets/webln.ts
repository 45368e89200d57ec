import { messageOf } from "../errors.js";
import { PaymentUnclear } from "./payment-unclear.js";
import { pollUntil } from "./poll.js";
import { PaymentFailed, type InvoiceTerms, type Payment, type Wallet } from "./wallet.js";

/** The part of WebLN that is used. Amounts are in satoshis. */
export interface WebLnProvider {
  enable(): Promise<unknown>;
  makeInvoice(terms: { amount: number; defaultMemo: string }): Promise<{ paymentRequest: string }>;
  sendPayment(invoice: string): Promise<{ preimage: string }>;
  lookupInvoice?(invoice: { paymentRequest: string }): Promise<{ paid: boolean; preimage?: string | undefined }>;
}

/** The browser's own wallet (`window.webln`), such as an extension. It asks for confirmation itself. */
export class WebLnWallet implements Wallet {
  readonly wholeSats = true;
  readonly #provider: WebLnProvider;
  #enabled: Promise<unknown> | undefined;

  constructor(provider: WebLnProvider) {
    this.#provider = provider;
  }

  /** Returns the wallet of this browser, if it has one. */
  static ofBrowser(): WebLnWallet | undefined {
    const { webln } = globalThis as { webln?: WebLnProvider };
    return webln && new WebLnWallet(webln);
  }

  async makeInvoice({ amountMsat, memo }: InvoiceTerms): Promise<string> {
    if (amountMsat % 1_000 !== 0) throw new Error("This wallet supports whole satoshis only.");
    await this.#enable();
    const { paymentRequest } = await this.#provider.makeInvoice({ amount: amountMsat / 1_000, defaultMemo: memo });
    return paymentRequest;
  }

  async pay(invoice: string): Promise<{ preimage: string }> {
    // Nothing has been paid yet, so this failure is definite.
    await this.#enable().catch((error: unknown) => {
      throw new PaymentFailed(messageOf(error), { cause: error });
    });
    try {
      return { preimage: (await this.#provider.sendPayment(invoice)).preimage };
    } catch (error) {
      if (isRejection(error)) throw new PaymentFailed("The payment was declined in the wallet.", { cause: error });
      // WebLN has no error codes: other failures may be timeouts of the extension.
      throw new PaymentUnclear(messageOf(error), { cause: error });
    }
  }

  async find(invoice: string): Promise<Payment> {
    if (!this.#provider.lookupInvoice) return { state: "unknown" };
    await this.#enable();
    const { paid, preimage } = await this.#provider.lookupInvoice({ paymentRequest: invoice });
    // An unpaid payment may still complete.
    return paid && preimage ? { state: "paid", preimage } : { state: "unknown" };
  }

  async watchReceived(invoice: string, signal: AbortSignal): Promise<void> {
    const provider = this.#provider;
    if (!provider.lookupInvoice) throw new Error("This wallet does not tell whether an invoice was paid.");
    await this.#enable();
    await pollUntil(async () => (await provider.lookupInvoice?.({ paymentRequest: invoice }))?.paid === true, signal);
  }

  #enable(): Promise<unknown> {
    this.#enabled ??= this.#provider.enable().catch((error: unknown) => {
      this.#enabled = undefined;
      throw error;
    });
    return this.#enabled;
  }
}

/** Whether the person declined. Wallets use similar wording. */
function isRejection(error: unknown): boolean {
  return /user (rejected|cancell?ed|denied)|prompt (was )?closed/i.test(messageOf(error));
}
