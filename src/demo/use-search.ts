import { useEffect, useRef } from "preact/hooks";
import type { SatoshigleClient } from "@satoshigle/client";
import { type Choice, toPreferences } from "./preferences.js";

/** Debounces changes of the preferences while waiting. */
const SETTLE_MS = 900;

/** Sends the preferences to the server, and again when they change while waiting. */
export interface Search {
  begin: () => Promise<void>;
  /** Whether the preferences have changed since they were sent. */
  outdated: () => boolean;
}

export function useSearch(
  client: SatoshigleClient,
  choice: Choice,
  waiting: boolean,
  fail: (error: unknown) => void,
): Search {
  const sent = useRef("");
  const wanted = JSON.stringify(choice);

  function begin(): Promise<void> {
    sent.current = wanted;
    return client.start(toPreferences(choice));
  }

  useEffect(() => {
    if (!waiting || sent.current === "" || sent.current === wanted) return;
    const timer = setTimeout(() => void begin().catch(fail), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [wanted, waiting]);

  return { begin, outdated: () => sent.current !== wanted };
}
