import { Allowance } from "../call/allowance.js";
import type { Api } from "../connection/api.js";
import { messageOf, SatoshigleError } from "../errors.js";
import type { Wallet } from "../wallets/wallet.js";
import type { TipStore } from "./tip-store.js";
import type { Retry } from "../connection/retry.js";
import { readInvoice } from "./invoice.js";
import type { Tip } from "./types.js";

/** How many invoices a wallet is asked for when nobody pressed a button: some wallets ask the person each time. */
const [BURST, PER_SECOND] = [16, 0.5];
const NO_INVOICE = "Your wallet did not create an invoice.";

interface Parts {
  api: Api;
  book: TipStore;
  courier: Retry;
  wallet: () => Wallet | null;
}

/** Answers the tips to this side with invoices. */
export class Answers {
  /** Every tip is answered by the wallet without being asked. */
  automatic = true;
  readonly #parts: Parts;
  readonly #answering = new Set<string>();
  readonly #allowance = new Allowance(BURST, PER_SECOND);

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** What a wallet does by itself. */
  react(tip: Tip): void {
    const { book, wallet } = this.#parts;
    const answers = this.automatic && wallet()?.makeInvoice !== undefined;
    if (tip.state !== "offered" || !answers || this.#answering.has(tip.id)) return;
    if (!this.#allowance.take()) {
      book.explain(tip.id, "Too many tips came at once, so your wallet did not answer this one by itself.");
      return;
    }
    this.#answer(tip).catch((error: unknown) => {
      book.explain(tip.id, messageOf(error, NO_INVOICE));
    });
  }

  /** `invoice`: one that the person made elsewhere; without, the wallet makes one. */
  async accept(tip: Tip, invoice?: string): Promise<void> {
    if (invoice !== undefined && readInvoice(tidyInvoice(invoice))?.amountMsat !== tip.amountMsat) {
      throw new SatoshigleError("invalid", "This is no invoice over exactly this amount.", { field: "invoice" });
    }
    await this.#answer(tip, invoice);
  }

  /** The same tip is not answered twice at once. */
  async #answer(tip: Tip, given?: string): Promise<void> {
    if (tip.state !== "offered" || this.#answering.has(tip.id)) return;
    this.#answering.add(tip.id);
    try {
      const invoice = tidyInvoice(given ?? (await this.#makeInvoice(tip)));
      await this.#parts.courier.deliver(() => this.#parts.api.sendInvoice({ tipId: tip.id, invoice }), true);
    } finally {
      this.#answering.delete(tip.id);
    }
  }

  async #makeInvoice({ amountMsat }: Tip): Promise<string> {
    const wallet = this.#parts.wallet();
    if (!wallet?.makeInvoice) throw noWallet();
    try {
      return await wallet.makeInvoice({ amountMsat, memo: "A tip on Satoshigle" });
    } catch (cause) {
      const said = messageOf(cause, NO_INVOICE);
      throw new SatoshigleError("wallet_failed", said, { cause });
    }
  }
}

/** Wallets show invoices as links and in capitals, for smaller QR codes. */
function tidyInvoice(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/^lightning:(\/\/)?/, "");
}

export function noWallet(): SatoshigleError {
  return new SatoshigleError("no_wallet", "There is no wallet that could do this.");
}
