import { availableParallelism, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { closing, type Closer } from "../bench/redis/closing.js";
import { MeasuredProcess } from "../bench/redis/process.js";
import { randomFrom } from "../support/unreliable-client.js";
import type { Health, Remains } from "./inside.js";
import { type Report, report } from "./report.js";
import { type SoakRecord, visit } from "./soak-client.js";

const PEOPLE = 2_000;
const MINUTES = 2;
/** Period over which the clients arrive, in milliseconds. */
const COMING_MS = 20_000;
const LOOK_EVERY_MS = 5_000;
/** How long the server may take to release everything when all clients are gone, longer than the reconnect window. */
const FORGET_MS = 60_000;
const WINDOW_MS = 10_000;

const variables = {
  NODE_ENV: "production",
  CHALLENGE: "off",
  HOST: "127.0.0.1",
  PORT: "0",
  INTERNAL_PORT: "0",
  CLIENT_URL: "http://localhost",
  SESSION_SECRET: "only-for-the-soak-run-on-loopback-",
  MAX_CONNECTIONS_PER_IP: "100000",
  RATE_LIMIT_MAX_REQUESTS: "1000000",
  RATE_LIMIT_WINDOW_MS: "5000",
  MAX_DISCONNECTION_DURATION_MS: String(WINDOW_MS),
  WIDEN_AFTER_MS: "500",
  MAX_LOOP_DELAY_MS: "10000", // a heap snapshot blocks the loop, so new sessions would be refused
};

/** `npm run soak [-- minutes]`: clients that come and go, and what remains of them. */
async function soak(minutes: number, later: (closer: Closer) => void): Promise<Report> {
  const inside = fileURLToPath(new URL("inside.ts", import.meta.url));
  const flags = ["--expose-gc", "--enable-source-maps", "--import", "tsx", "--import", inside];
  const server = await MeasuredProcess.start([...flags, "dist/server/main.js"], variables, later);
  const record: SoakRecord = { people: 0, ...nothing(), broken: 0, problems: [] };
  await crowd(server.port, 50, AbortSignal.timeout(COMING_MS + 2_000), record); // warms up
  const before = await forgotten(server);

  Object.assign(record, nothing());
  const startMs = performance.now();
  const looks: Report["looks"] = [];
  const over = AbortSignal.timeout(minutes * 60_000);
  const people = crowd(server.port, PEOPLE, over, record);
  while (!over.aborted) {
    await sleep(LOOK_EVERY_MS);
    const health = await server.ask<Health>("look");
    looks.push({ minutes: (performance.now() - startMs) / 60_000, people: record.people, ...health });
    progress(looks, record);
  }
  await people;
  return { minutes, before, looks, after: await forgotten(server), record };
}

function nothing() {
  return { visits: 0, waitsMs: [], sends: 0, received: 0, resumes: 0 };
}

/** Keeps a number of concurrent clients, each followed by another, until the end. */
async function crowd(port: number, people: number, over: AbortSignal, record: SoakRecord): Promise<void> {
  const random = randomFrom(people);
  const place = async (index: number) => {
    await sleep((index / people) * COMING_MS);
    while (!over.aborted) {
      await visit(port, random, record, over);
    }
  };
  await Promise.all(Array.from({ length: people }, (_, index) => place(index)));
}

/** What remains once sessions and streams are gone, or after the timeout. */
async function forgotten(server: MeasuredProcess): Promise<Health & Remains> {
  const end = performance.now() + FORGET_MS;
  await sleep(WINDOW_MS);
  for (;;) {
    const remains = await server.ask<Remains>("count");
    const isEmpty = remains.sessions === 0 && remains.streams === 0;
    if (isEmpty || performance.now() > end) return { ...remains, ...(await server.ask<Health>("look")) };
    await sleep(500);
  }
}

function progress(looks: Report["looks"], { visits, waitsMs, broken, problems }: SoakRecord): void {
  const seen = looks.at(-1);
  if (seen === undefined) return;
  const { minutes, people, heapBytes, loopP99Ms } = seen;
  const heap = (heapBytes / 2 ** 20).toFixed(1);
  const counts = `${String(people)} streams, ${String(visits)} visits, ${String(waitsMs.length)} joins`;
  const figures = `heap ${heap} MiB, loop p99 ${loopP99Ms.toFixed(1)} ms, ${String(broken)} broken, ${String(problems.length)} problems`;
  process.stderr.write(`${(minutes * 60).toFixed(0)} s: ${counts}, ${figures}\n`);
}

const minutes = Number(process.argv[2] ?? MINUTES);
if (!(minutes > 0)) throw new Error(`minutes: must be a number above 0, not ${String(process.argv[2])}`);
const result = await closing((later) => soak(minutes, later));
const { text, failures } = report(result);
const machine = `${String(availableParallelism())} cores, Node.js ${process.version}, load ${(loadavg()[0] ?? NaN).toFixed(1)}`;
process.stdout.write(`${text}\n${machine}\n`);
for (const failure of failures) process.stdout.write(`FAILED: ${failure}\n`);
process.exitCode = failures.length > 0 ? 1 : 0;
