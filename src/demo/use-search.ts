import { useEffect, useRef } from "preact/hooks";
import type { SatoshigleClient } from "@satoshigle/client";
import type { MediaMode } from "./media.js";
import { type Choice, isPlain, toPreferences } from "./preferences.js";

/** Debounces changes of the preferences while waiting. */
const SETTLE_MS = 900;

/** Sends the preferences to the server, and again when they change while waiting. */
export interface Search {
  begin: () => Promise<void>;
  /** Whether the preferences have changed since they were sent. */
  outdated: () => boolean;
}

/** @param readMode what the user sends at the moment; it may have changed since the page was rendered */
export function useSearch(
  client: SatoshigleClient,
  choice: Choice,
  readMode: () => MediaMode,
  waiting: boolean,
  fail: (error: unknown) => void,
): Search {
  const sent = useRef("");
  const wish = () => toPreferences(choice, client.state.attributes, readMode(), client.state.tips);
  const wanted = JSON.stringify(wish());

  /** Only the server knows its attributes, and must not search without those that were chosen. */
  async function begin(): Promise<void> {
    if (!isPlain(choice) && client.state.connection.status !== "online") await client.connect();
    const preferences = wish();
    sent.current = JSON.stringify(preferences);
    await client.start(preferences);
  }

  useEffect(() => {
    if (!waiting || sent.current === "" || sent.current === wanted) return;
    const timer = setTimeout(() => void begin().catch(fail), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [wanted, waiting]);

  return { begin, outdated: () => sent.current !== wanted };
}
