import { Satoshigle, type SatoshigleClient, type State } from "@satoshigle/client";
import { useEffect, useState } from "react";

export interface Chat {
  client: SatoshigleClient;
  state: State;
  /** The partner's media; `null` without a call. */
  partner: MediaStream | null;
  /** What went wrong last, for a person. */
  problem: string | null;
}

/** A client for as long as the component is mounted; `null` before the first effect, and on a server. */
export function useSatoshigle(url: string): Chat | null {
  const [chat, setChat] = useState<Chat | null>(null);
  useEffect(() => {
    const client = new Satoshigle(url);
    const change = (part: Partial<Chat>) => setChat((before) => before && { ...before, ...part });
    setChat({ client, state: client.state, partner: null, problem: null });
    client.on("state", (state) => change({ state }));
    client.on("partnerStream", (partner) => change({ partner }));
    client.on("error", ({ message }) => change({ problem: message }));
    return () => {
      setChat(null);
      void client.close();
    };
  }, [url]);
  return chat;
}
