import { closing } from "./redis/closing.js";
import { operationCosts } from "./redis/costs.js";
import { type Load, measure, type Outcome } from "./redis/load.js";
import { Satoshigle } from "./redis/satoshigle.js";
import { SocketIo } from "./redis/socket-io.js";
import type { Batch, System } from "./redis/system.js";
import { median, ratios, spread } from "./statistics.js";
import { printTable } from "./table.js";

/**
 * Pairs of clients per system: enough that no mailbox fills up in a run. A full one drops an event for each new one,
 * which does not occur in real calls.
 */
const PAIRS = 200;
const ROUNDS = 5;
/** Above this share of a core, this process limits the measurement. */
const BUSY = 0.9;

/** The signals of a call after the match: the offer is part of Match, candidates are combined. Then parts of it. */
const signals: { name: string; batches: readonly Batch[] }[] = [
  {
    name: "a call: answer, 2 × 10 candidates",
    batches: [
      { kind: "description", count: 1 },
      { kind: "candidate", count: 10 },
      { kind: "candidate", count: 10 },
    ],
  },
  { name: "10 candidates at once", batches: [{ kind: "candidate", count: 10 }] },
  { name: "SDP alone, 1.2 KB", batches: [{ kind: "description", count: 1 }] },
  { name: "candidate alone, 150 B", batches: [{ kind: "candidate", count: 1 }] },
];
const loads = signals.flatMap(({ name, batches }): Load[] => {
  const burst = batches.reduce((sum, { count }) => sum + count, 0);
  return [
    { name: `${name}, 500 a second`, batches, count: burst * Math.ceil(500 / burst), perSecond: 500 },
    { name: `${name}, 40 under way`, batches, count: 600 * burst, underWay: 40 * burst },
  ];
});

/** Signals from one instance to another, compared with Socket.IO and its Redis adapters. */
export async function benchRedis(): Promise<void> {
  await closing(async (later) => {
    const [ours, ...others] = await Promise.all([
      Satoshigle.start(PAIRS, later),
      SocketIo.start("classic", PAIRS, later),
      SocketIo.start("sharded", PAIRS, later),
    ]);
    printTable("Through Redis, per operation; median (range) of the rounds", await operationCosts(ours));
    await ours.prepare();
    await ours.match();
    const outcomes = await outcomesOf([ours, ...others]);
    const rows = loads.flatMap((load) => rowsOf(load, outcomes.get(load) ?? new Map<System, Outcome[]>(), ours));
    printTable("A signal from one instance to the other; median (range) of the rounds", rows);
  });
}

type Outcomes = Map<Load, Map<System, Outcome[]>>;

/** Interleaves the rounds of all systems and loads, after a warm-up. */
async function outcomesOf(systems: readonly System[]): Promise<Outcomes> {
  for (const load of loads.filter(({ underWay }) => underWay !== undefined)) {
    for (const system of systems) await measure(system, load);
  }
  const outcomes: Outcomes = new Map(loads.map((load) => [load, new Map(systems.map((system) => [system, []]))]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const load of loads) {
      for (const system of systems)
        outcomes
          .get(load)
          ?.get(system)
          ?.push(await measure(system, load));
    }
  }
  return outcomes;
}

function rowsOf(load: Load, outcomes: Map<System, Outcome[]>, ours: System): Record<string, string>[] {
  const base = outcomes.get(ours) ?? [];
  return [...outcomes].map(([system, rounds]) => {
    const all = (name: keyof Outcome) => rounds.map((outcome) => outcome[name]);
    const ratio = (name: keyof Outcome) =>
      system === ours
        ? ""
        : spread(
            ratios(
              base.map((outcome) => outcome[name]),
              all(name),
            ),
            2,
          );
    return {
      load: load.name,
      system: system.name + (median(all("generator")) > BUSY ? " (the load generator is the bottleneck)" : ""),
      "a second": median(all("perSecond")).toFixed(0),
      "p50 ms": spread(all("p50Ms"), 2),
      "p99 ms": spread(all("p99Ms"), 1),
      "node CPU µs": spread(all("node"), 0),
      "Redis CPU µs": spread(all("redis"), 0),
      "ours : it, p50": ratio("p50Ms"),
      "ours : it, p99": ratio("p99Ms"),
      "ours : it, node CPU": ratio("node"),
    };
  });
}
