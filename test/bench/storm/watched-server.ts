import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Closer } from "../redis/closing.js";
import { MeasuredProcess, type Placing } from "../redis/process.js";

/** The built server in production mode, with limits that a few addresses do not reach. */
const variables = {
  NODE_ENV: "production",
  CHALLENGE: "off",
  HOST: "127.0.0.1",
  PORT: "0",
  INTERNAL_PORT: "0",
  CLIENT_URL: "http://localhost",
  SESSION_SECRET: "only-for-the-benchmark-on-loopback",
  MAX_CONNECTIONS_PER_IP: "10000",
  RATE_LIMIT_MAX_REQUESTS: "1000000",
  CONNECTION_TIMEOUT_MS: "300000",
  WIDEN_AFTER_MS: "600000",
};

/** How the process fared since `begin`. */
export interface Watched {
  /** Delays of the event loop, without the time that the machine took for other processes, in milliseconds. */
  p99Ms: number;
  maxMs: number;
  /** How long the process could not run because others did, since its start, in milliseconds. */
  waitMs: number;
  /** Resident memory now, and at most, in bytes. */
  rssBytes: number;
  peakBytes: number;
}

/** How often the delay of the event loop is looked at, in milliseconds. */
const TICK_MS = 2;

/**
 * Preloaded into the process: watches its event loop and its memory. Linux resets the peak of a process that writes 5 to
 * its clear_refs, and counts how long a thread was ready to run while others did.
 */
const watcher = `
  import { createHistogram } from "node:perf_hooks";
  import { openSync, readFileSync, readSync, writeFileSync } from "node:fs";
  const thread = openSync("/proc/self/task/" + process.pid + "/schedstat");
  const text = Buffer.alloc(64);
  const waitedMs = () => Number(text.toString("latin1", 0, readSync(thread, text, 0, 64, 0)).split(" ")[1]) / 1e6;
  const delays = createHistogram();
  let [atMs, waitMs] = [performance.now(), waitedMs()];
  setInterval(() => {
    const [nowMs, nowWaitMs] = [performance.now(), waitedMs()];
    const delayMs = nowMs - atMs - ${String(TICK_MS)} - (nowWaitMs - waitMs);
    delays.record(Math.max(1, Math.round(delayMs * 1e3)));
    [atMs, waitMs] = [nowMs, nowWaitMs];
  }, ${String(TICK_MS)}).unref();
  const bytesOf = (name) => 1024 * Number(new RegExp(name + ":\\\\s+(\\\\d+)").exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
  const look = () => ({
    p99Ms: delays.percentile(99) / 1e3,
    maxMs: delays.max / 1e3,
    waitMs: waitedMs(),
    rssBytes: bytesOf("VmRSS"),
    peakBytes: bytesOf("VmHWM"),
  });
  process.on("message", (question) => {
    if (question === "begin") {
      globalThis.gc?.();
      writeFileSync("/proc/self/clear_refs", "5");
      setTimeout(() => delays.reset(), 10);
    }
    if (question === "begin" || question === "watched") process.send(look());
  });
`;

/** Starts an instance. */
export async function startWatched(
  settings: Record<string, string>,
  placing: Placing,
  later: (closer: Closer) => void,
): Promise<MeasuredProcess> {
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-bench-"));
  later(() => rm(folder, { recursive: true }));
  const preload = ["--import", `data:text/javascript,${encodeURIComponent(watcher)}`];
  const flags = ["--expose-gc", ...preload, ...(placing.flags ?? [])];
  return MeasuredProcess.start(["dist/server/main.js"], { ...variables, DATA_DIR: folder, ...settings }, later, {
    ...placing,
    flags,
  });
}
