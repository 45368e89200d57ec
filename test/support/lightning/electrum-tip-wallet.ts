import { PaymentFailed, type InvoiceTerms, type Payment, type Wallet } from "../../../src/client/wallets/wallet.js";
import { type ElectrumPayment, ElectrumError, type ElectrumWallet } from "./electrum.js";

/** The states of an invoice that Electrum lists. */
const [PAID, IN_FLIGHT] = [3, 4];

/**
 * Electrum as the wallet of a person in a call.
 *
 * Its `lnpay` answers only when no part of the payment is in flight, however late that is. So whoever waits for less
 * than that does not know the outcome, and a failure is definite.
 */
export class ElectrumTipWallet implements Wallet {
  /** @param patienceMs after which `pay` gives up waiting for an answer, while the payment goes on */
  constructor(
    readonly electrum: ElectrumWallet,
    readonly patienceMs = Infinity,
  ) {}

  makeInvoice({ amountMsat, memo, expirySeconds }: InvoiceTerms): Promise<string> {
    if (amountMsat % 1000 !== 0) return Promise.reject(new Error("This wallet takes whole satoshis only."));
    return this.electrum.makeInvoice(amountMsat / 1000, memo, expirySeconds);
  }

  async pay(invoice: string): Promise<{ preimage: string }> {
    const { success, preimage } = await this.#answered(this.electrum.pay(invoice));
    if (success && preimage !== null) return { preimage };
    throw new PaymentFailed("The payment failed.");
  }

  async find(invoice: string): Promise<Payment> {
    const known = await this.electrum.call<Listed[]>("list_invoices");
    const { status } = known.find(({ lightning_invoice: one }) => one === invoice) ?? {};
    if (status === IN_FLIGHT) return { state: "pending" };
    if (status !== PAID) return { state: "unknown" };
    const history = await this.electrum.call<Settled[]>("lightning_history");
    const { rhash } = await this.electrum.call<{ rhash: string }>("decode_invoice", { invoice });
    const settled = history.find(({ payment_hash: hash }) => hash === rhash);
    return settled === undefined ? { state: "pending" } : { state: "paid", preimage: settled.preimage };
  }

  /** Refusals of an invoice, such as an expired one, are answered before anything is sent. */
  async #answered(paying: Promise<ElectrumPayment>): Promise<ElectrumPayment> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const tooLate = () => reject(new Error("The wallet does not answer."));
      if (this.patienceMs < Infinity) timer = setTimeout(tooLate, this.patienceMs);
    });
    try {
      return await Promise.race([paying, late]);
    } catch (error) {
      throw error instanceof ElectrumError ? new PaymentFailed(error.message, { cause: error }) : error;
    } finally {
      clearTimeout(timer);
    }
  }
}

interface Listed {
  lightning_invoice?: string;
  status: number;
}

interface Settled {
  payment_hash: string;
  preimage: string;
}
