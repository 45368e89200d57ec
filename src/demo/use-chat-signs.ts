import { useEffect, useState } from "preact/hooks";
import type { SatoshigleClient } from "@satoshigle/client";

/** What the partner does with the text chat. */
export interface ChatSigns {
  /** The partner is typing. */
  typing: boolean;
  /** The last of this side's lines that the partner has seen, by its ID; 0 before. */
  seenLine: number;
}

/** @param reading the chat is in sight, which the partner learns */
export function useChatSigns(client: SatoshigleClient, reading: boolean, receivedCount: number): ChatSigns {
  const [typing, setTyping] = useState(false);
  const [seenLine, setSeenLine] = useState(0);
  useEffect(() => {
    const off = [
      client.on("typing", setTyping),
      client.on("seen", setSeenLine),
      client.on("matched", () => setSeenLine(0)),
    ];
    return () => off.forEach((remove) => remove());
  }, [client]);
  useEffect(() => {
    if (reading) client.markSeen();
  }, [client, reading, receivedCount]);
  return { typing, seenLine };
}
