import { LightningAddressWallet, NwcWallet, WebLnWallet, type Wallet } from "@satoshigle/client/wallets";

/**
 * The wallet that creates and pays invoices: the browser's, one with Nostr Wallet Connect, a lightning address, which
 * only creates them, or none (manually).
 */
export type WalletChoice =
  { kind: "browser" } | { kind: "nwc"; connection: string } | { kind: "address"; address: string } | { kind: "none" };

const KEY = "satoshigle.wallet";
/** Before a stored address. */
const ADDRESS = "lightning:";
type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** The stored wallet, otherwise the browser's wallet, otherwise none. */
export function recallWallet(shelf: Shelf | null, hasBrowserWallet: boolean): WalletChoice {
  const kept = shelf?.getItem(KEY) ?? "";
  if (NwcWallet.accepts(kept)) return { kind: "nwc", connection: kept };
  if (kept.startsWith(ADDRESS)) return { kind: "address", address: kept.slice(ADDRESS.length) };
  if (kept !== "none" && hasBrowserWallet) return { kind: "browser" };
  return { kind: "none" };
}

/** Stores the choice. A connection string can spend money, and an address says who somebody is, so they are stored only on request. */
export function rememberWallet(shelf: Shelf | null, choice: WalletChoice, keep: boolean): void {
  try {
    if (choice.kind === "nwc" && keep) shelf?.setItem(KEY, choice.connection);
    else if (choice.kind === "address" && keep) shelf?.setItem(KEY, ADDRESS + choice.address);
    else if (choice.kind === "none") shelf?.setItem(KEY, "none");
    else shelf?.removeItem(KEY);
  } catch {
    // Storage is full: the choice lasts until the page closes.
  }
}

export function openWallet(choice: WalletChoice): (Wallet & { close?: () => Promise<void> }) | null {
  if (choice.kind === "browser") return WebLnWallet.ofBrowser() ?? null;
  if (choice.kind === "address") return new LightningAddressWallet(choice.address);
  return choice.kind === "nwc" ? new NwcWallet(choice.connection) : null;
}
