import { expect, vi } from "vitest";
import { PATIENCE_MS } from "../../support/patience.js";
import { expected, kind } from "./kind.js";
import type { Target } from "./target.js";

/** Connections of a server without clients: one to Redis for commands, and one for subscriptions. */
const STANDING_SOCKETS = expected({ memory: 0, redis: 2, haproxy: 0 });
/** Modules whose timers run without clients. */
const standingTimers = expected({
  memory: /clock|loop-delay/,
  redis: /clock|loop-delay|adapters\/redis|elsewhere/, // the lease, and the library's command timeouts
  haproxy: /clock|loop-delay/,
});
/** Modules whose tables are empty without clients. */
const peoplesTables = /lobby-state|networks|streams|rate-limit|authenticate|server|http2|slow-readers/;

/** The resources of a server, without the timers of Redis commands, which change constantly. */
export async function holdings(target: Target): Promise<Holdings> {
  return holdingsIn(await target.figures());
}

type Holdings = ReturnType<typeof holdingsIn>;

function holdingsIn({ tables, timers, resources }: Awaited<ReturnType<Target["figures"]>>) {
  const isKept = ([place]: [string, number]) => kind !== "redis" || !/redis|elsewhere/.test(place);
  return {
    tables,
    timers: Object.fromEntries(Object.entries(timers).filter(isKept)),
    sockets: resources.filter((one) => one === "TCPSocketWrap").length,
    resources: resources.filter((one) => one !== "Timeout"),
  };
}

/**
 * Waits until a server whose clients are gone holds none of their entries, timers, connections and keys.
 * @returns what it holds at that moment, in which no request to its store is open
 */
export async function expectNobody(target: Target): Promise<Holdings> {
  return vi.waitFor(
    async () => {
      const figures = await target.figures();
      const held = holdingsIn(figures);
      const { tables, timers } = figures;
      expect(held.sockets).toBe(STANDING_SOCKETS);
      expect(Object.keys(tables).filter((place) => /store-link|event-outbox/.test(place))).toEqual([]);
      expect(Object.keys(tables).filter((place) => peoplesTables.test(place))).toEqual([]);
      expect(Object.keys(timers).filter((place) => !standingTimers.test(place))).toEqual([]);
      if (kind !== "redis") return held;
      expect(await target.keyspace.undeclared()).toEqual([]);
      expect(await target.keyspace.counters()).toEqual({ sessions: 0, waiting: 0, matches: 0 });
      return held;
    },
    { timeout: PATIENCE_MS, interval: 200 },
  );
}
