import type { Redis } from "ioredis";
import { Cluster } from "ioredis";
import { preflight } from "../adapters/redis/preflight.js";
import { missingRights } from "../adapters/redis/rights.js";
import { ScriptRunner } from "../adapters/redis/script-runner.js";
import { SKEW_MS } from "../adapters/redis/clock.js";
import type { Config } from "../config.js";
import { about, type Finding, reasonOf } from "./finding.js";

const { ok, warn, fail } = about("redis");
const clockFinding = about("clock");
/** Share of `maxmemory` above which Redis is nearly full, and latency that people notice, in milliseconds. */
const [FULL_RATIO, SLOW_MS] = [0.9, 20];

/** Checks rights, version, eviction, memory, persistence, latency and clock of Redis. */
export async function checkRedis(config: Config, nowMs: () => number): Promise<Finding[]> {
  if (!config.REDIS_ENABLED) return [ok("not used: this is the only instance (REDIS_ENABLED=false)")];
  const settings = { urls: config.REDIS_URL, realm: config.REALM, handshakeMs: config.CONNECTION_TIMEOUT_MS };
  let store: ScriptRunner;
  try {
    store = await ScriptRunner.open(settings, () => undefined);
  } catch (error) {
    return [fail((error as Error).message, "check REDIS_URL: host, port, user, password, and rediss:// for TLS")];
  }
  try {
    return await lookAt(store, nowMs);
  } catch (error) {
    return [fail(store.health.sentences[0] ?? reasonOf(error), "check REDIS_URL and the log of Redis")];
  } finally {
    store.close();
  }
}

async function lookAt(store: ScriptRunner, nowMs: () => number): Promise<Finding[]> {
  const missing = await missingRights(store);
  const unchecked: string[] = [];
  const refusal = await preflight(store, true, (what) => unchecked.push(what)).catch(reasonOf);
  return [
    missing.length === 0
      ? ok("the user of REDIS_URL has all rights that are needed")
      : fail(`the user of REDIS_URL may not call ${missing.join(", ")}`, RIGHTS),
    refusal === undefined
      ? ok("version and eviction are as needed, and the keys of the realm are its own")
      : fail(refusal, "see “Redis” in docs/scaling.md"),
    ...unchecked.map((what) => warn(`could not be checked: ${what}`, RIGHTS)),
    ...(await checkServers(store)),
    await checkClock(store, nowMs),
  ];
}

const RIGHTS = "give it the rights in docs/scaling.md (ACL SETUSER)";

async function checkServers(store: ScriptRunner): Promise<Finding[]> {
  const servers = store.client instanceof Cluster ? store.client.nodes("master") : [store.client];
  return (await Promise.all(servers.map(checkServer))).flat();
}

async function checkServer(server: Redis): Promise<Finding[]> {
  const startMs = performance.now();
  await server.ping();
  const tookMs = performance.now() - startMs;
  const latency = `answers in ${tookMs.toFixed(1)} ms`;
  const slow = "put Redis and the instances into the same data center: each call waits for one round trip";
  const found = [tookMs > SLOW_MS ? warn(latency, slow) : ok(latency)];
  const info = await server.info().catch(() => undefined);
  return info === undefined ? found : [...found, ...judge((name) => fieldOf(info, name))];
}

function judge(field: (name: string) => string | undefined): Finding[] {
  const found: Finding[] = [];
  if (field("role") === "slave") found.push(fail("it is a read-only replica", "REDIS_URL must name the primary"));
  if (field("aof_enabled") === "0") {
    const text = "appendonly is off: a restart of Redis loses reports, bans and tips";
    found.push(warn(text, "set appendonly yes (docs/scaling.md)"));
  }
  const [used, max] = [Number(field("used_memory")), Number(field("maxmemory"))];
  if (max > 0 && used / max > FULL_RATIO) {
    const text = `${((used / max) * 100).toFixed(0)} % of maxmemory are in use`;
    found.push(warn(text, "raise maxmemory: at the limit, all changes are refused"));
  }
  return found;
}

function fieldOf(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(\\S+)`, "m").exec(info)?.[1];
}

async function checkClock(store: ScriptRunner, nowMs: () => number): Promise<Finding> {
  const sentMs = nowMs();
  const [seconds, micros] = await store.client.time();
  const receivedMs = nowMs();
  const redisMs = Number(seconds) * 1000 + Number(micros) / 1000;
  const skewMs = Math.max(sentMs - redisMs, 0) || Math.min(receivedMs - redisMs, 0);
  if (Math.abs(skewMs) <= SKEW_MS) return clockFinding.ok("the clock of this machine matches that of Redis");
  const side = skewMs > 0 ? "ahead of" : "behind";
  const text = `the clock of this machine is ${(Math.abs(skewMs) / 1000).toFixed(1)} s ${side} that of Redis`;
  return clockFinding.warn(text, "synchronize both with NTP");
}
