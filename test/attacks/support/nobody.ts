import { expect, vi } from "vitest";
import { expected, kind } from "./kind.js";
import type { Target } from "./target.js";

/** Connections of a server on which nobody is: to Redis one for calls and one for what it publishes. */
const STANDING_SOCKETS = expected({ memory: 0, redis: 2, haproxy: 0 });
/** Places whose timers run while nobody is there. */
const standingTimers = expected({
  memory: /clock|loop-delay/,
  redis: /clock|loop-delay|adapters\/redis|elsewhere/, // of the lease, and of the library's commands
  haproxy: /clock|loop-delay/,
});
/** Places whose tables are empty while nobody is there. */
const peoplesTables = /lobby-state|networks|streams|rate-limit|authenticate|server|http2|slow-readers/;

/** What a server holds, without the timers of calls to Redis, which come and go by themselves. */
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

/** Waits until a server on which nobody is any more holds nothing of them: no entry, no timer, no connection, no key. */
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
