import { useEffect, useState } from "preact/hooks";
import type { CallStats, SatoshigleClient } from "@satoshigle/client";
import { pictureMoves } from "./quality.js";

const EVERY_MS = 2_000;

/** Statistics of the running call, and whether the partner's video is moving (null if unknown). */
export interface CallNumbers {
  stats: CallStats | null;
  moving: boolean | null;
}

const none: CallNumbers = { stats: null, moving: null };

/** Polls the call's statistics while it runs. */
export function useStats(client: SatoshigleClient, running: boolean, matchId: string | null): CallNumbers {
  const [numbers, setNumbers] = useState(none);
  useEffect(() => {
    setNumbers(none);
    if (!running) return;
    let over = false;
    const ask = async () => {
      const stats = await client.stats().catch(() => null);
      if (!over) setNumbers((before) => ({ stats, moving: pictureMoves(before.stats, stats) }));
    };
    void ask();
    const timer = setInterval(() => void ask(), EVERY_MS);
    return () => {
      over = true;
      clearInterval(timer);
    };
  }, [client, running, matchId]);
  return numbers;
}
