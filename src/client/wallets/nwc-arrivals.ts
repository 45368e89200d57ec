import type { NwcConnection } from "./nwc.js";
import { pollUntil } from "./poll.js";

type Connection = Pick<NwcConnection, "lookupInvoice" | "getWalletServiceInfo" | "subscribeNotifications">;

/**
 * Learns which invoices of a wallet were paid. The wallet may report it (`payment_received`); not all do, and a report
 * may be lost while the relay is away, so it is asked as well. All invoices share one subscription.
 */
export class NwcArrivals {
  readonly #connection: Connection;
  /** What to call when an invoice is reported as paid. */
  readonly #awaited = new Map<string, () => void>();
  #subscription: Promise<() => void> | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Resolves when the invoice was paid. Rejects when `signal` aborts. */
  async watch(invoice: string, signal: AbortSignal): Promise<void> {
    const reported = new Promise<void>((resolve) => this.#awaited.set(invoice, resolve));
    const stop = new AbortController();
    const abort = (): void => stop.abort();
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
    this.#subscribe();
    try {
      await Promise.race([reported, pollUntil(() => this.#isSettled(invoice), stop.signal)]);
    } finally {
      signal.removeEventListener("abort", abort);
      stop.abort();
      this.#awaited.delete(invoice);
      this.#unsubscribe();
    }
  }

  async #isSettled(invoice: string): Promise<boolean> {
    const { state, settled_at: settledAt } = await this.#connection.lookupInvoice({ invoice });
    return state === "settled" || (state === undefined && Boolean(settledAt));
  }

  #subscribe(): void {
    this.#subscription ??= this.#begin();
    this.#subscription.catch(() => (this.#subscription = undefined));
  }

  async #begin(): Promise<() => void> {
    const { notifications } = (await this.#connection.getWalletServiceInfo?.()) ?? { notifications: [] };
    if (!notifications.includes("payment_received")) return () => undefined;
    const told = ({ notification }: { notification: { invoice?: string } }): void => {
      this.#awaited.get(notification.invoice?.toLowerCase() ?? "")?.();
    };
    return (await this.#connection.subscribeNotifications?.(told, ["payment_received"])) ?? (() => undefined);
  }

  #unsubscribe(): void {
    if (this.#awaited.size > 0) return;
    void this.#subscription?.then(
      (end) => end(),
      () => undefined,
    );
    this.#subscription = undefined;
  }
}
