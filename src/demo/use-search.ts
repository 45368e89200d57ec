import { useEffect, useRef } from "preact/hooks";
import type { SatoshigleClient } from "@satoshigle/client";
import { type Choice, toPreferences } from "./preferences.js";

/** How long changed preferences rest before they are sent while waiting. */
const SETTLE_MS = 900;

/** Tells the server whom to look for, and again when the person changes it. */
export interface Search {
  begin: () => Promise<void>;
  /** The preferences changed since the server was told. */
  outdated: () => boolean;
}

export function useSearch(
  client: SatoshigleClient,
  choice: Choice,
  waiting: boolean,
  fail: (error: unknown) => void,
): Search {
  const told = useRef("");
  const wanted = JSON.stringify(choice);

  function begin(): Promise<void> {
    told.current = wanted;
    return client.start(toPreferences(choice));
  }

  useEffect(() => {
    if (!waiting || told.current === "" || told.current === wanted) return;
    const timer = setTimeout(() => void begin().catch(fail), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [wanted, waiting]);

  return { begin, outdated: () => told.current !== wanted };
}
