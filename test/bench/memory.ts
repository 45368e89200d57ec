import { setTimeout as sleep } from "node:timers/promises";
import { matchRequest, leaveRequest } from "./calls/requests.js";
import { startSatoshigle } from "./calls/satoshigle.js";
import { closing } from "./redis/closing.js";
import type { MeasuredProcess } from "./redis/process.js";
import { RawClient } from "./redis/raw-client.js";
import { spread } from "./statistics.js";
import { printTable } from "./table.js";
import { MinglingCrowd } from "../support/mingling-crowd.js";

/** Sessions of a server, and those that it serves before it is measured. */
const [SESSIONS, WARM_UP] = [5_000, 1_000];
const AT_A_TIME = 8;
const ROUNDS = 2;
/** How long a session is kept that is away, in milliseconds, and between heartbeats. */
const [AWAY_MS, HEARTBEAT_MS] = [30_000, 2_000];
/** How long the server settles before each measurement, in milliseconds. */
const SETTLE_MS = 1_000;
/** Matches of a session whose history is measured. */
const MATCHES = 128;

/** What a server holds for its sessions in each state, one after another. */
const states = {
  idle: "an idle stream",
  waiting: "waiting, beyond that",
  matched: "in a match, beyond an idle stream",
  left: "idle after a match",
  away: "away, without a stream",
  gone: "after all are gone",
} as const;
type Held = Record<keyof typeof states, NodeJS.MemoryUsage>;

/** What a session takes up in each state, and that nothing stays. */
export async function benchMemory(rounds = ROUNDS): Promise<void> {
  const results: Record<keyof typeof states, { rss: number; heap: number }>[] = [];
  for (let round = 0; round < rounds; round++) results.push(await measureServer());
  const rows = (Object.keys(states) as (keyof typeof states)[]).map((state) => ({
    session: states[state],
    "of the process (RSS)": spread(
      results.map((result) => result[state].rss),
      0,
    ),
    "heap and buffers": spread(
      results.map((result) => result[state].heap),
      0,
    ),
  }));
  printTable(`A session in memory, bytes; ${String(SESSIONS)} of them, median (range)`, rows);
  printTable("History of a session, bytes of the heap", [
    { known: `by its network, after ${String(MATCHES)} matches`, bytes: (await historyBytes()).toFixed(0) },
  ]);
}

async function measureServer() {
  return closing(async (later) => {
    const variables = {
      MAX_DISCONNECTION_DURATION_MS: String(AWAY_MS),
      HEARTBEAT_INTERVAL_MS: String(HEARTBEAT_MS),
    };
    const server = await startSatoshigle(true, { flags: ["--expose-gc"] }, later, variables);
    await passThrough(server);
    const before = await settled(server);
    const people = await openMany(server, SESSIONS);
    const held: Partial<Held> = { idle: await settled(server) };
    const carrier = people[0];
    if (carrier === undefined) throw new Error("there is no session");
    await carrier.connect();
    const half = SESSIONS / 2;
    for (const [index, one] of people.slice(0, half).entries()) await carrier.write(seek(one, index));
    held.waiting = await settled(server);
    for (const [index, one] of people.slice(half).entries()) await carrier.write(seek(one, index));
    await sleep(AWAY_MS + 3 * HEARTBEAT_MS); // until delivered events are trimmed
    held.matched = await settled(server);
    for (const one of people.slice(0, half)) await carrier.write(leaveRequest(one));
    await sleep(AWAY_MS + 3 * HEARTBEAT_MS);
    held.left = await settled(server);
    for (const one of people) one.close();
    held.away = await settled(server);
    await sleep(AWAY_MS);
    held.gone = await settled(server);
    return perSession(before, held as Held);
  });
}

/** What each state takes up per session in it, beyond what is named. */
function perSession(before: NodeJS.MemoryUsage, held: Held) {
  const bytes = (all: NodeJS.MemoryUsage) => ({ rss: all.rss, heap: all.heapUsed + all.external });
  const beyond = (state: keyof Held, base: NodeJS.MemoryUsage, count = SESSIONS) => {
    const [one, other] = [bytes(held[state]), bytes(base)];
    return { rss: (one.rss - other.rss) / count, heap: (one.heap - other.heap) / count };
  };
  return {
    idle: beyond("idle", before),
    waiting: beyond("waiting", held.idle, SESSIONS / 2),
    matched: beyond("matched", held.idle),
    left: beyond("left", before),
    away: beyond("away", before),
    gone: beyond("gone", before),
  };
}

const seek = (client: RawClient, index: number) => matchRequest(client, `pair-${String(index)}`, false, "");

/** Opens, pairs and closes sessions before, as a process keeps the memory of its first ones. */
async function passThrough(server: MeasuredProcess): Promise<void> {
  const people = await openMany(server, WARM_UP);
  const [carrier] = people;
  await carrier?.connect();
  for (const [index, one] of people.entries()) await carrier?.write(seek(one, Math.floor(index / 2)));
  for (const one of people) one.close();
  await sleep(AWAY_MS + HEARTBEAT_MS);
}

async function openMany({ port }: MeasuredProcess, count: number): Promise<RawClient[]> {
  const opened: RawClient[] = [];
  let left = count;
  const openInTurn = async () => {
    while (left-- > 0) opened.push(await RawClient.open(port));
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, openInTurn));
  return opened;
}

async function settled(server: MeasuredProcess): Promise<NodeJS.MemoryUsage> {
  await sleep(SETTLE_MS);
  await server.memory();
  await sleep(SETTLE_MS);
  return server.memory();
}

/** What the histories of sessions take up that have met so many others within a minute. */
async function historyBytes(): Promise<number> {
  const size = MATCHES + 1 + (MATCHES % 2 === 0 ? 1 : 0); // each meets all others
  const pauseMs = 60_000 / size;
  await (await MinglingCrowd.gather(size, () => undefined)).mingle(pauseMs);
  const crowds = [await MinglingCrowd.gather(size, () => undefined), await MinglingCrowd.gather(size, () => undefined)];
  const before = heapUsed();
  for (const crowd of crowds) await crowd.mingle(pauseMs);
  return (heapUsed() - before) / (crowds.length * size);
}

function heapUsed(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
