import { useEffect, useState } from "preact/hooks";
import type { Notice, Notices, SatoshigleClient } from "@satoshigle/client";

export interface NoticesView {
  unseen: readonly Notice[];
  dismiss: (seen: readonly Notice[]) => void;
}

/** What moderators tell this person. The code for that is loaded when the connection is there. */
export function useNotices(client: SatoshigleClient, online: boolean): NoticesView {
  const [notices, setNotices] = useState<Notices | null>(null);
  const [unseen, setUnseen] = useState<readonly Notice[]>([]);

  useEffect(() => client.on("notices", setUnseen), [client]);

  useEffect(() => {
    if (!online || notices !== null) return;
    client.notices().then(
      (loaded) => {
        setNotices(loaded);
        setUnseen(loaded.unseen);
      },
      () => undefined, // the next connection tries again
    );
  }, [client, online]);

  /** What the server cannot be told comes back with the next session. */
  const dismiss = (seen: readonly Notice[]) => void notices?.seen(seen).catch(() => undefined);
  return { unseen, dismiss };
}
