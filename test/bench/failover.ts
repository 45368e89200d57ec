import { setTimeout as sleep } from "node:timers/promises";
import { closing } from "./redis/closing.js";
import { type RedisMeter, startRedis } from "./redis/meter.js";
import type { MeasuredProcess } from "./redis/process.js";
import { median } from "./statistics.js";
import { CrowdProcess, type Look } from "./storm/crowd-process.js";
import { EVENTS } from "./storm/events.js";
import { startWatched } from "./storm/watched-server.js";
import { printTable } from "./table.js";

/** People on the instance that is killed, and the part of them whose partner is on another. */
const PEOPLE = 10_000;
const APART = 1 / 5;
/** How long everything rests before the crash, in milliseconds. */
const REST_MS = 3_000;
/** When those whose partner is gone send something, after the crash. */
const SEND_AFTER_MS = 300;
const LOOK_EVERY_MS = 100;
/** How long people may take to come back, in milliseconds. */
const PATIENCE_MS = 60_000;
/** By then, the lease of the instance has ended, and the others have marked the sessions still attached to it as away. */
const REAPED_AFTER_MS = 14_000;
/** What must be reached: everybody is back within this time, and no partner learns of the crash. */
const TARGET_MS = 5_000;

interface Failover {
  people: number;
  apart: number;
  look: Look;
  tookMs: number;
  /** In cores, until the last one was back. */
  cpu: { servers: number; redis: number; clients: number };
}

/** Kills one of three instances, whose people come back to the others as the client library does. */
export async function benchFailover(people = PEOPLE): Promise<void> {
  const rows = figuresOf(await failover(people));
  printTable(
    "An instance is killed",
    Object.entries(rows).map(([figure, measured]) => ({ figure, measured })),
  );
}

function failover(people: number): Promise<Failover> {
  return closing(async (later) => {
    const { url, meter } = await startRedis(later);
    const start = () => startWatched({ REDIS_URL: url, REDIS_ENABLED: "true" }, {}, later);
    const [doomed, ...others] = await Promise.all([start(), start(), start()]);
    const ports = others.map(({ port }) => port);
    const crowd = CrowdProcess.start(later);
    const apart = Math.floor(people * APART);
    await crowd.ask("open", { ports: [doomed.port], size: people });
    await crowd.ask("open", { ports, size: apart });
    await crowd.ask("match", { from: 0, to: people - apart, distance: 1 });
    await crowd.ask("match", { from: people - apart, to: people, distance: apart });
    await sleep(REST_MS);
    await crowd.ask("begin", undefined);
    const usage = () => usageOf(others, meter, crowd);
    const [startMs, before] = [performance.now(), await usage()];
    await doomed.crash();
    await sleep(SEND_AFTER_MS);
    await crowd.ask("send", { from: people, to: people + apart });
    const tookMs = await untilBack(crowd, people + apart, startMs);
    const after = await usage();
    await sleep(startMs + REAPED_AFTER_MS - performance.now());
    const look = await crowd.ask("look", undefined);
    const cores = (one: keyof typeof before) => (after[one] - before[one]) / tookMs;
    return {
      ...{ people, apart, look, tookMs },
      cpu: { servers: cores("servers"), redis: cores("redis"), clients: cores("clients") },
    };
  });
}

/** CPU time so far, in milliseconds. */
async function usageOf(servers: readonly MeasuredProcess[], meter: RedisMeter, crowd: CrowdProcess) {
  const micros = await Promise.all(servers.map((server) => server.cpuMicroseconds()));
  return {
    servers: micros.reduce((sum, one) => sum + one, 0) / 1000,
    redis: (await meter.cpuMicroseconds()) / 1000,
    clients: (await crowd.ask("look", undefined)).cpuMs,
  };
}

/** Waits until everybody has a stream. Returns how long that took after the crash. */
async function untilBack(crowd: CrowdProcess, people: number, startMs: number): Promise<number> {
  for (;;) {
    await sleep(LOOK_EVERY_MS);
    const { attachedMs } = await crowd.ask("look", undefined);
    const tookMs = performance.now() - startMs;
    if (attachedMs.length === people || tookMs > PATIENCE_MS) return tookMs;
  }
}

function figuresOf({ people, apart, look, cpu }: Failover): Record<string, string> {
  const { refused, broken, late, snapshots, repeated, gaps, events } = look.record;
  const back = look.attachedMs.filter((ms) => ms > 0);
  const lastMs = Math.max(...back);
  const wrong = snapshots + repeated + gaps;
  const signals = events[EVENTS.signal] ?? 0;
  const told = events[EVENTS.away] ?? 0;
  return {
    "people on the killed instance": String(people),
    "of them, with a partner elsewhere": String(apart),
    "back on the others": String(back.length),
    "median of them, s": (median(back) / 1000).toFixed(1),
    "last, s": `${(lastMs / 1000).toFixed(1)} (≤ ${String(TARGET_MS / 1000)}: ${verdict(lastMs <= TARGET_MS)})`,
    "signals sent to them meanwhile, and received": `${String(apart)}, ${String(signals)}`,
    "snapshots, repeated events, gaps": `${[snapshots, repeated, gaps].join(", ")} (0: ${verdict(wrong === 0 && signals === apart)})`,
    "partners told that somebody is away": `${String(told)} (0: ${verdict(told === 0)})`,
    "refused by the servers": String(Object.values(refused).reduce<number>((sum, one = 0) => sum + one, 0)),
    "broken before Welcome, given up by clients": `${String(broken)}, ${String(late)}`,
    "cores used by servers, Redis, clients": [cpu.servers, cpu.redis, cpu.clients]
      .map((one) => one.toFixed(2))
      .join(", "),
  };
}

function verdict(isMet: boolean): string {
  return isMet ? "met" : "missed";
}
