import { loadModule } from "../load-module.js";
import { AddressProblem } from "./address-problem.js";
import { pollUntil } from "./poll.js";
import type { InvoiceTerms, Wallet } from "./wallet.js";

/** How many invoices are remembered, so that they can be asked about. */
const MAX_INVOICES = 200;

/**
 * A wallet that can only be paid: a lightning address (`name@domain`) or LNURL-pay (`lnurl1…`, `lnurlp://…`). Its
 * service makes the invoices (LUD-06, 12, 16, 17), and may tell when they are paid (LUD-21). The code is loaded on first
 * use.
 */
export class LightningAddressWallet implements Wallet {
  readonly #address: string;
  /** Where to ask about each invoice of this page. */
  readonly #verify = new Map<string, URL>();

  /** @param address as a person typed it */
  constructor(address: string) {
    this.#address = address;
  }

  /** Asks the service what it accepts, in millisatoshis. Rejects with an `AddressProblem` if it cannot be paid. */
  async check(): Promise<{ minMsat: number; maxMsat: number }> {
    return this.#ask(await load());
  }

  async makeInvoice(terms: InvoiceTerms): Promise<string> {
    const lnurl = await load();
    const { invoice, verify } = await lnurl.fetchInvoice(await this.#ask(lnurl), terms);
    if (verify) this.#remember(invoice, verify);
    return invoice;
  }

  async watchReceived(invoice: string, signal: AbortSignal): Promise<void> {
    const verify = this.#verify.get(invoice);
    if (!verify) throw new Error("The service of this lightning address does not tell whether the invoice was paid.");
    const { isSettled } = await load();
    await pollUntil(() => isSettled(verify, invoice, signal), signal);
  }

  async #ask({ fetchPayRequest, recognize, payUrl }: Lnurl) {
    const pasted = recognize(this.#address);
    const url = pasted.kind === "address" ? payUrl(pasted.address) : undefined;
    if (!url) throw new AddressProblem("address_unusable", "This is not a lightning address.");
    return fetchPayRequest(url);
  }

  #remember(invoice: string, verify: URL): void {
    this.#verify.set(invoice, verify);
    const [oldest] = this.#verify.keys();
    if (this.#verify.size > MAX_INVOICES && oldest !== undefined) this.#verify.delete(oldest);
  }
}

type Lnurl = typeof import("./lnurl.js") & typeof import("./recognize.js");

async function load(): Promise<Lnurl> {
  return loadModule("lightning addresses", async () => {
    const [lnurl, recognition] = await Promise.all([import("./lnurl.js"), import("./recognize.js")]);
    return { ...lnurl, ...recognition };
  });
}
