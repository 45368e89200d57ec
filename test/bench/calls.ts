import { execFileSync } from "node:child_process";
import { placeApart } from "./calls/cores.js";
import { measure, type Outcome } from "./calls/load.js";
import { type Held, holdIdle, peers } from "./calls/memory.js";
import { Original } from "./calls/original.js";
import { countRoundTrips } from "./calls/round-trips.js";
import { Relay } from "./calls/relays.js";
import { Satoshigle, startPlainHttp } from "./calls/satoshigle.js";
import type { System } from "./calls/system.js";
import { closing } from "./redis/closing.js";
import { median, ratios, spread } from "./statistics.js";
import { printTable } from "./table.js";

/** Pairs of clients per server. */
const PAIRS = 128;
const ROUNDS = 5;
/** Warm-up rounds: the engine compiles our server's code until about 3,000 exchanges are over. */
const WARM_UP = 6;
/** Idle streams whose memory is measured, and in how many processes. */
const IDLE = 5_000;
const MEMORY_ROUNDS = 2;
/** File descriptors that a process needs besides its streams. */
const SPARE_FILES = 500;
/** A server that is busy for less than this share of a core waits for this process. */
const BUSY = 0.8;

/** A system under load, and its passes per round: cheap systems are measured for longer. */
interface Subject {
  system: System;
  passes: number;
  outcomes: Outcome[];
}

/** Our cost per exchange and per idle stream, compared with systems that do the same or less. */
export async function benchCalls(rounds = ROUNDS): Promise<void> {
  await closing(async (later) => {
    const core = placeApart(later);
    const where = core === undefined ? "not pinned (no taskset, or one core)" : `each server on core ${String(core)}`;
    const subjects = await startAll(core, later);
    for (let round = -WARM_UP; round < rounds; round++) {
      for (const { system, passes, outcomes } of Object.values(subjects)) {
        const outcome = await measure(system, passes);
        if (round >= 0) outcomes.push(outcome);
      }
    }
    printTable(
      `CPU per exchange, ${where}; median (range) of ${String(rounds)} rounds`,
      Object.values(subjects).map(rowOf),
    );
    const held = await holdAll(core);
    printTable("An idle stream, bytes; median (range) of fresh processes", memoryRows(held));
    const roundTrips = await countRoundTrips(rounds);
    printTable("Targets; ratios of the same round", targetRows(subjects, held, roundTrips));
  });
}

type Subjects = Awaited<ReturnType<typeof startAll>>;

async function startAll(core: number | undefined, later: Parameters<typeof Relay.start>[3]) {
  const placing = { core };
  const subject = (system: System | undefined, passes: number): Subject => {
    if (system === undefined) throw new Error("a system is missing");
    return { system, passes, outcomes: [] };
  };
  const ours = await Satoshigle.start(true, PAIRS, placing, later);
  const library = await Satoshigle.start(false, PAIRS, placing, later);
  const original = await Original.start(true, PAIRS, placing, later);
  const silent = await Original.start(false, PAIRS, placing, later);
  const plain = await startPlainHttp(PAIRS, placing, later);
  const [socketIo, socketIoTogether] = await Relay.start("socketIo", PAIRS, placing, later);
  const [webSocket, webSocketTogether] = await Relay.start("webSocket", PAIRS, placing, later);
  return {
    full: subject(ours["full exchange"], 2),
    pair: subject(ours["our client's protocol"], 4),
    libraryFull: subject(library["full exchange"], 1),
    libraryPair: subject(library["our client's protocol"], 1),
    original: subject(original, 4),
    originalSilent: subject(silent, 4),
    plainFull: subject(plain["full exchange"], 2),
    plainPair: subject(plain["our client's protocol"], 8),
    socketIo: subject(socketIo, 4),
    socketIoTogether: subject(socketIoTogether, 8),
    webSocket: subject(webSocket, 8),
    webSocketTogether: subject(webSocketTogether, 8),
  };
}

function rowOf({ system, outcomes }: Subject): Record<string, string> {
  const all = (name: keyof Outcome) => outcomes.map((outcome) => outcome[name]);
  return {
    server: system.name + (median(all("server")) < BUSY ? " (the load generator is the bottleneck)" : ""),
    "CPU ms": spread(all("cpuMs"), 3),
    "a second": median(all("perSecond")).toFixed(0),
    "server busy": percent(median(all("server"))),
  };
}

type Holding = Record<keyof typeof peers, Held[]>;

async function holdAll(core: number | undefined): Promise<Holding> {
  const count = Math.min(IDLE, openFiles() - SPARE_FILES);
  if (count < IDLE) process.stdout.write(`\nonly ${String(count)} idle streams: raise the limit of open files\n`);
  const held: Partial<Holding> = {};
  for (let round = 0; round < MEMORY_ROUNDS; round++) {
    for (const [name, peer] of Object.entries(peers)) {
      (held[name as keyof Holding] ??= []).push(await holdIdle(peer, count, core));
    }
  }
  return held as Holding;
}

/** How many files this process may open, sockets included. */
function openFiles(): number {
  const limit = execFileSync("sh", ["-c", "ulimit -n"], { encoding: "utf8" }).trim();
  return limit === "unlimited" ? Infinity : Number(limit);
}

function memoryRows(holding: Holding): Record<string, string>[] {
  return Object.entries(holding).map(([server, held]) => ({
    server,
    "of the process (RSS)": spread(rssOf(held), 0),
    "JavaScript heap and buffers": spread(
      held.map(({ heap }) => heap),
      0,
    ),
  }));
}

function targetRows(subjects: Subjects, holding: Holding, roundTrips: number[]): Record<string, string>[] {
  const cpu = (one: keyof Subjects) => subjects[one].outcomes.map(({ cpuMs }) => cpuMs);
  const row = (what: string, target: number | undefined, values: number[], rounded = (value: number) => value) => ({
    ratio: what,
    target: target === undefined ? "" : `≤ ${target.toFixed(1)}`,
    measured: spread(values, 2),
    met: target === undefined ? "" : rounded(median(values)) <= target ? "yes" : "no",
  });
  const idle = "idle memory per stream, ours : ";
  const plain = "the same bytes on plain node:http";
  return [
    row("full exchange, ours : the original's flow", 1.5, ratios(cpu("full"), cpu("original"))),
    row("pair through our client, ours : the original's flow", 0.4, ratios(cpu("pair"), cpu("original"))),
    row("pair through our client, ours : raw ws relay, 46 messages", 1.3, ratios(cpu("pair"), cpu("webSocket"))),
    row(`full exchange, ours : ${plain}`, undefined, ratios(cpu("full"), cpu("plainFull"))),
    row(`pair through our client, ours : ${plain}`, undefined, ratios(cpu("pair"), cpu("plainPair"))),
    row(`full exchange, ${plain} : the original's flow`, undefined, ratios(cpu("plainFull"), cpu("original"))),
    row(`pair, ${plain} : raw ws relay, 46 messages`, undefined, ratios(cpu("plainPair"), cpu("webSocket"))),
    row(`${idle}minimal socket.io`, 1, ratios(rssOf(holding.ours), rssOf(holding["minimal socket.io relay"]))),
    row("from Match to both descriptions, in round trips between the two", 1, roundTrips, Math.round),
    row(`${idle}raw ws`, undefined, ratios(rssOf(holding.ours), rssOf(holding["raw ws relay"]))),
    row("full exchange, ours : nothing acknowledged", undefined, ratios(cpu("full"), cpu("originalSilent"))),
    row("full exchange, library's path : the original's flow", undefined, ratios(cpu("libraryFull"), cpu("original"))),
    row("full exchange, ours : library's path", undefined, ratios(cpu("full"), cpu("libraryFull"))),
    row("pair through our client, ours : library's path", undefined, ratios(cpu("pair"), cpu("libraryPair"))),
  ];
}

function rssOf(held: readonly Held[]): number[] {
  return held.map(({ rss }) => rss);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
