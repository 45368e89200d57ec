import { useEffect, useState } from "preact/hooks";
import type { Minutes, MinutesView, SatoshigleClient, State } from "@satoshigle/client";

export interface MinutesControls {
  /** Null without a price in the current match. */
  view: MinutesView | null;
  accept: (budgetMsat: number) => Promise<void>;
  stop: () => void;
  waive: () => void;
}

/** The prices per minute of the current match. The code for them is loaded where tips are on. */
export function useMinutes(client: SatoshigleClient, { connection, tips }: State): MinutesControls {
  const [minutes, setMinutes] = useState<Minutes | null>(null);
  const [view, setView] = useState<MinutesView | null>(null);
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

  return {
    view,
    accept: async (budgetMsat) => minutes?.accept({ budgetMsat }),
    stop: () => minutes?.stop(),
    waive: () => minutes?.waive(),
  };
}
