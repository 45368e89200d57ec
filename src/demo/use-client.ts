import { useEffect, useState } from "preact/hooks";
import { type EndReason, type ErrorCode, SatoshigleError, type SatoshigleClient, type State } from "@satoshigle/client";
import { addLine, type ChatLog, emptyLog } from "./chat-log.js";

/** How the last match ended, and which one it was. */
export interface LastEnd {
  matchId: string;
  reason: EndReason;
  requeued: boolean;
  atMs: number;
}

/** Something went wrong, and when. */
export interface Trouble {
  error: SatoshigleError;
  atMs: number;
}

/** What the client reports, as values to draw. */
export interface ClientView {
  state: State;
  partnerStream: MediaStream | null;
  /** The text chat of the current match, or of the last one until the next begins. */
  chat: ChatLog;
  lastEnd: LastEnd | null;
  /** When the current match began on this page. */
  matchedAtMs: number;
  trouble: Trouble | null;
  /** Shows what went wrong; null takes it away. */
  fail: (error: unknown) => void;
  /** A new search begins: how the last match ended is no news any more. */
  begin: () => void;
}

/** What is over as soon as the server is reached. */
const waysBlocked = new Set<ErrorCode>(["server_unreachable", "stream_blocked"]);

/** Follows a client. */
export function useClient(client: SatoshigleClient): ClientView {
  const [state, setState] = useState(client.state);
  const [partnerStream, setPartnerStream] = useState<MediaStream | null>(null);
  const [chat, setChat] = useState(emptyLog);
  const [lastEnd, setLastEnd] = useState<LastEnd | null>(null);
  const [matchedAtMs, setMatchedAtMs] = useState(0);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const fail = (cause: unknown) => setTrouble(cause === null ? null : { error: toError(cause), atMs: Date.now() });
  const begin = () => setLastEnd((end) => end && { ...end, requeued: false });

  useEffect(() => {
    const off = [
      client.on("state", setState),
      client.on("partnerStream", setPartnerStream),
      client.on("message", (message) => setChat((log) => addLine(log, message))),
      client.on("matched", () => {
        setChat(emptyLog);
        setMatchedAtMs(Date.now());
        setTrouble(null);
      }),
      client.on("ended", (end) => setLastEnd({ ...end, atMs: Date.now() })),
      client.on("error", fail),
    ];
    setState(client.state);
    return () => off.forEach((remove) => remove());
  }, [client]);

  useEffect(() => {
    if (state.connection.status === "online")
      setTrouble((now) => (now && waysBlocked.has(now.error.code) ? null : now));
  }, [state.connection.status]);

  return { state, partnerStream, chat, lastEnd, matchedAtMs, trouble, fail, begin };
}

function toError(cause: unknown): SatoshigleError {
  return cause instanceof SatoshigleError ? cause : new SatoshigleError("internal", String(cause));
}
