import { useEffect, useRef, useState } from "preact/hooks";
import type { SatoshigleClient, SatoshigleError } from "@satoshigle/client";
import type { Ban } from "@satoshigle/client/appeals";

type Bans = typeof import("./bans.js");

/** A ban that the server has described, and the dialog to appeal against it. */
export interface BanView {
  ban: Ban;
  AppealDialog: Bans["AppealDialog"];
}

/** Returns the ban that the page is in trouble for; null while nothing, or no more, is known about it. */
export function useBan(
  client: SatoshigleClient,
  error: SatoshigleError | null,
  fail: (error: unknown) => void,
): BanView | null {
  const [known, setKnown] = useState<{ error: SatoshigleError; view: BanView } | null>(null);
  /** The server says only once to a session that it is banned, and not why. The next connection says more. */
  const asked = useRef(false);

  useEffect(() => {
    if (error?.code !== "banned") {
      asked.current = false;
      return;
    }
    let current = true;
    import("./bans.js").then(
      ({ banOf, AppealDialog }) => {
        if (!current) return;
        const ban = banOf(error);
        if (ban) setKnown({ error, view: { ban, AppealDialog } });
        else if (!asked.current) void client.connect().catch(fail);
        asked.current = true;
      },
      () => undefined, // the general words remain
    );
    return () => void (current = false);
  }, [client, error]);

  return known?.error === error ? known.view : null;
}
