import { NwcWallet, WebLnWallet, type Wallet } from "@satoshigle/client/wallets";

/** The wallet that creates and pays invoices: the browser's, one with Nostr Wallet Connect, or none (manually). */
export type WalletChoice = { kind: "browser" } | { kind: "nwc"; connection: string } | { kind: "none" };

const KEY = "satoshigle.wallet";
type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** The stored wallet, otherwise the browser's wallet, otherwise none. */
export function recallWallet(shelf: Shelf | null, hasBrowserWallet: boolean): WalletChoice {
  const kept = shelf?.getItem(KEY) ?? "";
  if (NwcWallet.accepts(kept)) return { kind: "nwc", connection: kept };
  if (kept !== "none" && hasBrowserWallet) return { kind: "browser" };
  return { kind: "none" };
}

/** Stores the choice. A connection string can spend money, so it is stored only on request. */
export function rememberWallet(shelf: Shelf | null, choice: WalletChoice, keepConnection: boolean): void {
  try {
    if (choice.kind === "nwc" && keepConnection) shelf?.setItem(KEY, choice.connection);
    else if (choice.kind === "none") shelf?.setItem(KEY, "none");
    else shelf?.removeItem(KEY);
  } catch {
    // Storage is full: the choice lasts until the page closes.
  }
}

export function openWallet(choice: WalletChoice): Wallet | null {
  if (choice.kind === "browser") return WebLnWallet.ofBrowser() ?? null;
  return choice.kind === "nwc" ? new NwcWallet(choice.connection) : null;
}
