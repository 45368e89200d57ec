import { NwcWallet, WebLnWallet, type Wallet } from "@satoshigle/client/wallets";

/** Who makes invoices and pays: the browser's wallet, one over Nostr Wallet Connect, or the person by hand. */
export type WalletChoice = { kind: "browser" } | { kind: "nwc"; connection: string } | { kind: "none" };

const KEY = "satoshigle.wallet";
type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** The wallet kept earlier, else the browser's own one, else none. */
export function recallWallet(shelf: Shelf | null, hasBrowserWallet: boolean): WalletChoice {
  const kept = shelf?.getItem(KEY) ?? "";
  if (NwcWallet.accepts(kept)) return { kind: "nwc", connection: kept };
  if (kept !== "none" && hasBrowserWallet) return { kind: "browser" };
  return { kind: "none" };
}

/** A connection string is money: it stays here only when the person asks for it. */
export function rememberWallet(shelf: Shelf | null, choice: WalletChoice, keepConnection: boolean): void {
  try {
    if (choice.kind === "nwc" && keepConnection) shelf?.setItem(KEY, choice.connection);
    else if (choice.kind === "none") shelf?.setItem(KEY, "none");
    else shelf?.removeItem(KEY);
  } catch {
    // Storage is full: the choice lives as long as the page.
  }
}

export function openWallet(choice: WalletChoice): Wallet | null {
  if (choice.kind === "browser") return WebLnWallet.ofBrowser() ?? null;
  return choice.kind === "nwc" ? new NwcWallet(choice.connection) : null;
}
