import { useRef, useState } from "preact/hooks";
import type { SatoshigleClient, SatsStream } from "@satoshigle/client";
import type { ClientView } from "./use-client.js";
import { explainStreamEnd } from "./tip-words.js";

export interface StreamView {
  /** Whether a stream is running. */
  streaming: boolean;
  /** Why the stream ended. */
  streamNote: string;
  startStream: (msatPerMinute: number, budgetMsat: number) => void;
  stopStream: () => void;
}

/** Streams sats to the partner of the call. */
export function useSatsStream(client: SatoshigleClient, view: ClientView): StreamView {
  const [streaming, setStreaming] = useState(false);
  const [streamNote, setStreamNote] = useState("");
  const stream = useRef<SatsStream | null>(null);

  function startStream(msatPerMinute: number, budgetMsat: number): void {
    setStreamNote("");
    try {
      const started = client.streamSats({ msatPerMinute, budgetMsat });
      stream.current = started;
      setStreaming(true);
      void started.ended.then((reason) => {
        setStreaming(false);
        setStreamNote(explainStreamEnd(reason));
      });
    } catch (error) {
      view.fail(error);
    }
  }

  return { streaming, streamNote, startStream, stopStream: () => stream.current?.stop() };
}
