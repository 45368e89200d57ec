import { useEffect, useState } from "preact/hooks";
import { type EndReason, type ErrorCode, SatoshigleError, type SatoshigleClient, type State } from "@satoshigle/client";
import { addLine, type ChatLog, emptyLog } from "./chat-log.js";

export interface LastEnd {
  matchId: string;
  reason: EndReason;
  requeued: boolean;
  atMs: number;
}

export interface Trouble {
  error: SatoshigleError;
  atMs: number;
}

/** The client's state for rendering. */
export interface ClientView {
  state: State;
  partnerStream: MediaStream | null;
  /** The text chat of the current match, or of the last match until the next one begins. */
  chat: ChatLog;
  lastEnd: LastEnd | null;
  /** When this page learned of the current match. */
  matchedAtMs: number;
  trouble: Trouble | null;
  /** Shows an error; null clears it. */
  fail: (error: unknown) => void;
  /** Starts a new search: stops showing how the last match ended. */
  begin: () => void;
}

/** Errors to clear once the server is reachable. */
const waysBlocked = new Set<ErrorCode>([
  "server_unreachable",
  "stream_blocked",
  "stream_buffered",
  "overloaded",
  "network_full",
  "identity_unavailable",
]);

export function useClient(client: SatoshigleClient): ClientView {
  const [state, setState] = useState(client.state);
  const [partnerStream, setPartnerStream] = useState<MediaStream | null>(null);
  const [chat, setChat] = useState(emptyLog);
  const [lastEnd, setLastEnd] = useState<LastEnd | null>(null);
  const [matchedAtMs, setMatchedAtMs] = useState(0);
  const [trouble, setTrouble] = useState<Trouble | null>(() => findObstacle());
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
      client.on("warning", ({ message }) => console.warn(message)),
      // A tip shows that the code for tips is there now.
      client.on("tip", () => setTrouble((now) => (now?.error.code === "not_loaded" ? null : now))),
    ];
    setState(client.state);
    return () => off.forEach((remove) => remove());
  }, [client]);

  useEffect(() => {
    if (state.connection.status === "online")
      setTrouble((now) => (now && waysBlocked.has(now.error.code) ? null : now));
  }, [state.connection.status]);

  const isConnected = state.activity.phase === "matched" && state.activity.call === "connected";
  useEffect(() => {
    if (isConnected) setTrouble((now) => (now?.error.code === "call_failed" ? null : now));
  }, [isConnected]);

  return { state, partnerStream, chat, lastEnd, matchedAtMs, trouble, fail, begin };
}

/** What keeps this browser from any call, which the person can know before pressing Start. */
export function findObstacle(): Trouble | null {
  const hasWebRtc = typeof RTCPeerConnection === "function";
  return hasWebRtc ? null : { error: new SatoshigleError("no_webrtc", ""), atMs: Date.now() };
}

function toError(cause: unknown): SatoshigleError {
  return cause instanceof SatoshigleError ? cause : new SatoshigleError("internal", String(cause));
}
