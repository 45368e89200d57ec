import { useEffect, useMemo, useState } from "preact/hooks";
import type { SatoshigleClient } from "@satoshigle/client";
import { WebLnWallet } from "@satoshigle/client/wallets";
import { lastingStorage } from "./kept-session.js";
import { openWallet, recallWallet, rememberWallet, type WalletChoice } from "./wallets.js";

export interface WalletView {
  wallet: WalletChoice;
  /** Whether a wallet pays automatically. */
  pays: boolean;
  /** Pays with the wallet, when the person says so. Undefined without one that pays. */
  payInvoice: ((invoice: string) => Promise<unknown>) | undefined;
  /** Whether a wallet creates invoices automatically. */
  answers: boolean;
  choose: (choice: WalletChoice, keep: boolean) => void;
  /** Forgets the wallet, and ends the connection to it. */
  disconnect: () => void;
}

/** Connects the user's wallet to the client. */
export function useWallet(client: SatoshigleClient): WalletView {
  const [wallet, setWallet] = useState(() => recallWallet(lastingStorage(), WebLnWallet.ofBrowser() !== undefined));
  const opened = useMemo(() => openWallet(wallet), [wallet]);
  useEffect(() => client.setWallet(opened), [client, opened]);

  function choose(choice: WalletChoice, keep: boolean): void {
    rememberWallet(lastingStorage(), choice, keep);
    setWallet(choice);
  }

  function disconnect(): void {
    choose({ kind: "none" }, true);
    void opened?.close?.();
  }

  return {
    wallet,
    pays: wallet.kind === "browser" || wallet.kind === "nwc",
    payInvoice: opened?.pay?.bind(opened),
    answers: wallet.kind !== "none",
    choose,
    disconnect,
  };
}
