import type { Wallet } from "../wallets/wallet.js";
import type { Tip } from "./types.js";

interface TipReceiptsDependencies {
  signal: AbortSignal;
  wallet: () => Wallet | null;
  /** Tells the server that the money of a tip has arrived. */
  confirm: (tipId: string) => Promise<void>;
}

/** Finds out from the payee's wallet when the money of a tip arrives, so that the payer need not prove the payment. */
export class TipReceipts {
  readonly #dependencies: TipReceiptsDependencies;
  /** What ends the watch of each tip. */
  readonly #watched = new Map<string, AbortController>();

  constructor(dependencies: TipReceiptsDependencies) {
    this.#dependencies = dependencies;
    dependencies.signal.addEventListener("abort", () => {
      for (const watch of this.#watched.values()) watch.abort();
    });
  }

  /** Watches a tip from its invoice until it is received, settled or over. */
  follow({ id, role, state, invoice }: Tip): void {
    const isOpen = role === "payee" && state === "invoiced" && invoice !== undefined;
    if (!isOpen) this.#watched.get(id)?.abort();
    else if (!this.#watched.has(id)) void this.#watch(id, invoice).catch(() => undefined);
  }

  /** The wallet of now stays in charge of the tip, also if another one is chosen meanwhile. */
  async #watch(id: string, invoice: string): Promise<void> {
    const { signal, confirm } = this.#dependencies;
    const wallet = this.#dependencies.wallet();
    if (!wallet?.watchReceived || signal.aborted) return;
    const watch = new AbortController();
    this.#watched.set(id, watch);
    try {
      await wallet.watchReceived(invoice, watch.signal);
      await confirm(id);
    } finally {
      this.#watched.delete(id);
    }
  }
}
