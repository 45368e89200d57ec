import { useEffect, useMemo, useState } from "preact/hooks";
import type { SatoshigleClient, Tip, TipTerms, TipTotals } from "@satoshigle/client";
import { WebLnWallet } from "@satoshigle/client/wallets";
import { lastingStorage } from "./kept-session.js";
import type { ClientView } from "./use-client.js";
import { type MinutesControls, useMinutes } from "./use-minutes.js";
import { type StreamView, useSatsStream } from "./use-sats-stream.js";
import { openWallet, recallWallet, rememberWallet, type WalletChoice } from "./wallets.js";

/** How long the outcome of a tip is shown. */
const SHOWN_MS = 8_000;

export interface Tipping extends StreamView {
  /** Null if the server does not support tips. */
  terms: TipTerms | null;
  tips: readonly Tip[];
  totals: TipTotals;
  /** The tip that changed last. Cleared shortly after it ends. */
  news: Tip | null;
  wallet: WalletChoice;
  /** Whether a wallet pays automatically. */
  pays: boolean;
  /** Whether a wallet creates invoices automatically. */
  answers: boolean;
  choose: (choice: WalletChoice, keep: boolean) => void;
  /** Forgets the wallet, and ends the connection to it. */
  disconnect: () => void;
  minutes: MinutesControls;
}

/** Tracks the client's tips, and connects the user's wallet to it. */
export function useTips(client: SatoshigleClient, view: ClientView): Tipping {
  const { tips, news } = useTipNews(client);
  const [wallet, setWallet] = useState(() => recallWallet(lastingStorage(), WebLnWallet.ofBrowser() !== undefined));
  const stream = useSatsStream(client, view);
  const minutes = useMinutes(client, view.state);

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
    terms: view.state.tips,
    tips,
    totals: client.tipTotals(),
    news,
    wallet,
    pays: wallet.kind === "browser" || wallet.kind === "nwc",
    answers: wallet.kind !== "none",
    choose,
    disconnect,
    minutes,
    ...stream,
  };
}

/** The tips of the client, and the one that changed last. */
function useTipNews(client: SatoshigleClient): Pick<Tipping, "tips" | "news"> {
  const [tips, setTips] = useState<readonly Tip[]>(client.tips);
  const [news, setNews] = useState<Tip | null>(null);

  useEffect(() => {
    setTips(client.tips);
    return client.on("tip", (tip) => {
      setTips(client.tips);
      setNews(tip);
    });
  }, [client]);

  useEffect(() => {
    if (news?.expiresAtMs !== undefined) return;
    const timer = setTimeout(() => setNews((now) => (now === news ? null : now)), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [news]);

  return { tips, news };
}
