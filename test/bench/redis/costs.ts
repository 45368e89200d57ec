import { measure } from "./load.js";
import type { Satoshigle } from "./satoshigle.js";
import { spread } from "../statistics.js";

/** The cost of an operation in Redis commands and CPU time. */
interface Cost {
  scripts: number;
  commands: number;
  node: number;
  redis: number;
}

/** Measured rounds, besides one warm-up round. */
const ROUNDS = 4;

/** The cost of Match, Send and Leave: in each round, all clients are matched, send once and leave. */
export async function operationCosts(system: Satoshigle): Promise<Record<string, string>[]> {
  const costs: Record<string, Cost[]> = {};
  const note = async (operation: string, work: () => Promise<unknown>) => {
    (costs[operation] ??= []).push(await costOf(system, work));
  };
  const count = system.pairs;
  for (let round = 0; round <= ROUNDS; round++) {
    await system.prepare();
    await note("match: two calls of Match, both notified", () => system.match());
    const load = { name: "", batches: [{ kind: "candidate", count: 1 }], count, underWay: 16 } as const;
    await note("signal: one call of Send, delivered", () => measure(system, load));
    await note("leave: one call of Leave, both notified", () => system.leave());
  }
  return Object.entries(costs).map(([operation, all]) => {
    const rounds = all.slice(1);
    const show = (name: keyof Cost, digits: number) =>
      spread(
        rounds.map((cost) => cost[name]),
        digits,
      );
    return {
      operation,
      "scripts (round trips)": show("scripts", 2),
      "Redis commands inside": show("commands", 1),
      "node CPU µs, both instances": show("node", 0),
      "Redis CPU µs": show("redis", 0),
    };
  });
}

async function costOf(system: Satoshigle, work: () => Promise<unknown>): Promise<Cost> {
  const [calls, usage] = [await system.meter.calls(), await system.usage()];
  await work();
  const [callsAfter, usageAfter] = [await system.meter.calls(), await system.usage()];
  const each = (after: number, before: number) => (after - before) / system.pairs;
  return {
    scripts: each(callsAfter.scripts, calls.scripts),
    commands: each(callsAfter.commands, calls.commands),
    node: each(usageAfter.node, usage.node),
    redis: each(usageAfter.redis, usage.redis),
  };
}
