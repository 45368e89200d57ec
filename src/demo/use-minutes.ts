import { useEffect, useState } from "preact/hooks";
import type { Minutes, MinutesView, SatoshigleClient, State } from "@satoshigle/client";

/** How long the sum of a match is shown after the next one began. */
const SHOWN_MS = 10_000;

export interface MinutesControls {
  /** Null without a price in the current match. */
  view: MinutesView | null;
  /** What was paid in the last match, for a while. */
  over: MinutesView | null;
  accept: (budgetMsat: number) => Promise<void>;
  stop: () => void;
  waive: () => void;
}

/** The prices per minute of the current match. The code for them is loaded where tips are on. */
export function useMinutes(client: SatoshigleClient, { activity, connection, tips }: State): MinutesControls {
  const [minutes, setMinutes] = useState<Minutes | null>(null);
  const [view, setView] = useState<MinutesView | null>(null);
  const [over, setOver] = useState<MinutesView | null>(null);
  const isCurrent = view !== null && activity.phase === "matched" && activity.matchId === view.matchId;
  const due = minutes === null && tips !== null && connection.status === "online";

  useEffect(() => client.on("minutes", setView), [client]);

  useEffect(() => {
    if (!due) return;
    client.minutes().then(
      (loaded) => {
        setMinutes(loaded);
        setView(loaded.view);
      },
      () => undefined, // the next connection tries again
    );
  }, [client, due]);

  useEffect(() => {
    if (view && !isCurrent) {
      setOver(view);
      return;
    }
    const timer = setTimeout(() => setOver(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [view, isCurrent]);

  return {
    view: isCurrent ? view : null,
    over,
    accept: async (budgetMsat) => minutes?.accept({ budgetMsat }),
    stop: () => minutes?.stop(),
    waive: () => minutes?.waive(),
  };
}
