import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { placeApart } from "./calls/cores.js";
import { closing } from "./redis/closing.js";
import { startRedis } from "./redis/meter.js";
import { median } from "./statistics.js";
import { CrowdProcess, type Look } from "./storm/crowd-process.js";
import { startWatched, type Watched } from "./storm/watched-server.js";
import { printTable } from "./table.js";

/** Streams that are cut at once. The limit of open files may allow fewer. */
const STREAMS = 19_000;
/** File descriptors that a process needs besides its streams. */
const SPARE_FILES = 1_000;
/** How long the server rests before the cut, in milliseconds. */
const REST_MS = 3_000;
const LOOK_EVERY_MS = 100;
/** How long the crowd may take to come back, in milliseconds. */
const PATIENCE_MS = 120_000;
/** `STORE=memory` or `STORE=Redis` measures one of them. */
const STORES = (["memory", "Redis"] as const).filter((store) => store === (process.env.STORE ?? store));
/** What must be reached. */
const TARGETS = { ratio: 1.3, loopMs: 50, memory: 1.5 };

interface Storm {
  streams: number;
  /** Resumes a second, one by one at full speed. */
  perSecond: number;
  look: Look;
  watched: Watched;
  beforeBytes: number;
  serverBusy: number;
  serverWaited: number;
  crowdBusy: number;
}

/** Cuts thousands of streams at once, whose clients come back as the client library does. */
export async function benchStorm(streams = STREAMS): Promise<void> {
  const possible = Math.min(streams, openFiles() - SPARE_FILES);
  if (possible < streams) process.stdout.write(`\nonly ${String(possible)} streams: raise the limit of open files\n`);
  const storms: [string, Record<string, string>][] = [];
  for (const store of STORES) storms.push([store, figuresOf(await storm(store, possible))]);
  const names = Object.keys(storms[0]?.[1] ?? {});
  const rows = names.map((figure) => ({
    figure,
    ...Object.fromEntries(storms.map(([store, figures]) => [store, figures[figure] ?? ""])),
  }));
  printTable("Streams that are cut at once, and resumed", rows);
}

async function storm(store: "memory" | "Redis", streams: number): Promise<Storm> {
  return closing(async (later) => {
    const core = placeApart(later);
    const redis = store === "memory" ? {} : { REDIS_URL: (await startRedis(later)).url, REDIS_ENABLED: "true" };
    const server = await startWatched(redis, { core }, later);
    const [first, second] = [CrowdProcess.start(later), CrowdProcess.start(later)];
    await first.ask("open", { ports: [server.port], size: streams });
    await first.ask("match", { from: 0, to: streams, distance: 1 });
    const ms = await first.ask("resumeInTurn", undefined);
    const positions = await first.ask("positions", undefined);
    await second.ask("connectTo", [server.port]);
    await sleep(REST_MS);
    const before = await server.ask<Watched>("begin");
    await sleep(LOOK_EVERY_MS);
    const [startMs, cpu] = [performance.now(), await server.cpuMicroseconds()];
    const crowdCpu = (await second.ask("look", undefined)).cpuMs;
    await first.kill();
    await second.ask("takeOver", positions);
    const look = await untilBack(second, streams);
    const tookMs = performance.now() - startMs;
    const busy = ((await server.cpuMicroseconds()) - cpu) / 1000 / tookMs;
    const watched = await server.ask<Watched>("watched");
    return {
      streams,
      perSecond: (streams / ms) * 1000,
      look,
      watched,
      beforeBytes: before.rssBytes,
      serverBusy: busy,
      serverWaited: (watched.waitMs - before.waitMs) / tookMs,
      crowdBusy: (look.cpuMs - crowdCpu) / tookMs,
    };
  });
}

/** Waits until everybody is attached. */
async function untilBack(crowd: CrowdProcess, streams: number): Promise<Look> {
  const endMs = performance.now() + PATIENCE_MS;
  for (;;) {
    await sleep(LOOK_EVERY_MS);
    const look = await crowd.ask("look", undefined);
    if (look.attachedMs.length === streams || performance.now() > endMs) return look;
  }
}

function figuresOf(storm: Storm): Record<string, string> {
  const { streams, perSecond, look, watched, beforeBytes } = storm;
  const { attachedMs } = look;
  const { refused, broken, late, snapshots, repeated, gaps } = look.record;
  const lastMs = Math.max(...attachedMs);
  const count = String(Object.values(refused).reduce<number>((sum, one = 0) => sum + one, 0));
  return {
    streams: String(streams),
    "resumes a second before, one by one": perSecond.toFixed(0),
    "attached again": String(attachedMs.length),
    "median of them, s": (median(attachedMs) / 1000).toFixed(1),
    "last, s": (lastMs / 1000).toFixed(1),
    "last : streams ÷ resumes a second": against(lastMs / ((streams / perSecond) * 1000), TARGETS.ratio),
    "event loop, p99, ms": against(watched.p99Ms, TARGETS.loopMs, 0),
    "event loop, at most, ms": watched.maxMs.toFixed(0),
    "RSS before, MB": (beforeBytes / 2 ** 20).toFixed(0),
    "peak RSS : before": against(watched.peakBytes / beforeBytes, TARGETS.memory),
    "refused by the server": `${count} (0: ${count === "0" ? "met" : "missed"})`,
    "broken before Welcome": String(broken),
    "given up by clients": String(late),
    "snapshots, repeated events, gaps": [snapshots, repeated, gaps].join(", "),
    "CPU of the server": percent(storm.serverBusy),
    "server kept waiting by others": percent(storm.serverWaited),
    "CPU of the clients": percent(storm.crowdBusy),
  };
}

function against(value: number, target: number, digits = 2): string {
  return `${value.toFixed(digits)} (≤ ${String(target)}: ${value <= target ? "met" : "missed"})`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}

/** How many files this process may open, sockets included. */
function openFiles(): number {
  const limit = execFileSync("sh", ["-c", "ulimit -n"], { encoding: "utf8" }).trim();
  return limit === "unlimited" ? Infinity : Number(limit);
}
