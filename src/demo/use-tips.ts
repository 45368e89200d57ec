import { useEffect, useState } from "preact/hooks";
import type { SatoshigleClient, Tip, TipTerms, TipTotals } from "@satoshigle/client";
import type { ClientView } from "./use-client.js";
import { type MinutesControls, useMinutes } from "./use-minutes.js";
import { type StreamView, useSatsStream } from "./use-sats-stream.js";
import { useWallet, type WalletView } from "./use-wallet.js";

/** How long the outcome of a tip is shown. */
const SHOWN_MS = 8_000;

export interface Tipping extends StreamView, WalletView {
  /** Null if the server does not support tips. */
  terms: TipTerms | null;
  tips: readonly Tip[];
  totals: TipTotals;
  /** The tip that changed last. Cleared shortly after it ends. */
  news: Tip | null;
  minutes: MinutesControls;
}

/** Tracks the client's tips, and the user's wallet for them. */
export function useTips(client: SatoshigleClient, view: ClientView): Tipping {
  const { tips, news } = useTipNews(client);
  const wallet = useWallet(client);
  const stream = useSatsStream(client, view);
  const minutes = useMinutes(client, view.state);

  return {
    terms: view.state.tips,
    tips,
    totals: client.tipTotals(),
    news,
    minutes,
    ...wallet,
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
