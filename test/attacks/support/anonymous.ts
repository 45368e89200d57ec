import { expect, vi } from "vitest";
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
export async function holdings(target: Target) {
  const { tables, timers, resources } = await target.figures();
  const isKept = ([place]: [string, number]) => kind !== "redis" || !/redis|elsewhere/.test(place);
  return {
    tables,
    timers: Object.fromEntries(Object.entries(timers).filter(isKept)),
    sockets: resources.filter((one) => one === "TCPSocketWrap").length,
    resources: resources.filter((one) => one !== "Timeout"),
  };
}

/** Waits until a server whose clients are gone holds none of their entries, timers, connections and keys. */
export async function expectNobody(target: Target): Promise<void> {
  await vi.waitFor(
    async () => {
      const { tables, timers } = await target.figures();
      expect((await holdings(target)).sockets).toBe(STANDING_SOCKETS);
      expect(Object.keys(tables).filter((place) => peoplesTables.test(place))).toEqual([]);
      expect(Object.keys(timers).filter((place) => !standingTimers.test(place))).toEqual([]);
      if (kind !== "redis") return;
      expect(await target.keyspace.undeclared()).toEqual([]);
      expect(await target.keyspace.counters()).toEqual({ sessions: 0, waiting: 0, matches: 0 });
    },
    { timeout: 90_000, interval: 200 },
  );
}
