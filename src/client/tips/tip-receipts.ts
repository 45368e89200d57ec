import { retry, retryTransientOrLimited, type SessionLink } from "../connection/retry.js";
import type { Wallet } from "../wallets/wallet.js";
import type { TipApi } from "./tip-api.js";
import type { Tip } from "./types.js";

interface TipReceiptsDependencies {
  api: TipApi;
  link: SessionLink;
  signal: AbortSignal;
  wallet: () => Wallet | null;
}

/**
 * Tells the server when the money of a tip to this side has arrived, as the payee's wallet knows it. The payer then need
 * not prove the payment.
 */
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
  follow(tip: Tip): void {
    if (tip.role !== "payee") return;
    if (tip.state !== "invoiced") {
      this.#watched.get(tip.id)?.abort();
    } else if (!this.#watched.has(tip.id) && tip.invoice !== undefined) {
      void this.#watch(tip.id, tip.invoice).catch(() => undefined);
    }
  }

  /** Tells the server at once, as the person has seen the money. */
  async confirm({ id: tipId }: Tip): Promise<void> {
    const { api, link, signal } = this.#dependencies;
    await retry(() => api.confirmReceipt({ tipId }), { link, signal, decide: retryTransientOrLimited });
  }

  /** The wallet of now stays in charge of the tip, also if another one is chosen meanwhile. */
  async #watch(id: string, invoice: string): Promise<void> {
    const { wallet, signal } = this.#dependencies;
    const watching = wallet()?.watchReceived;
    if (!watching || signal.aborted) return;
    const abort = new AbortController();
    this.#watched.set(id, abort);
    try {
      await watching.call(wallet(), invoice, abort.signal);
      await this.confirm({ id } as Tip);
    } finally {
      this.#watched.delete(id);
    }
  }
}
