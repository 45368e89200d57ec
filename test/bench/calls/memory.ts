import { setTimeout as sleep } from "node:timers/promises";
import { type Closer, closing } from "../redis/closing.js";
import { RawClient } from "../redis/raw-client.js";
import { MeasuredProcess, type Placing } from "../redis/process.js";
import { Frames } from "./frames.js";
import { startSatoshigle } from "./satoshigle.js";
import { openSocketIo } from "./socket-io.js";

/** Memory of an idle stream, in bytes: of the process, and of the JavaScript heap. */
export interface Held {
  rss: number;
  heap: number;
}

interface Open {
  close(): void;
}

interface Peer {
  start: (placing: Placing, later: (closer: Closer) => void) => Promise<MeasuredProcess>;
  open: (port: number) => Promise<Open>;
}

const program =
  (path: string): Peer["start"] =>
  (placing, later) =>
    MeasuredProcess.start(["--import", "tsx", path], {}, later, placing);

export const peers = {
  ours: { start: (placing, later) => startSatoshigle(true, placing, later), open: (port) => RawClient.open(port) },
  "ours on the library's generic path": {
    start: (placing, later) => startSatoshigle(false, placing, later),
    open: (port) => RawClient.open(port),
  },
  "minimal socket.io relay": {
    start: program("test/bench/calls/socket-io-server.ts"),
    open: async (port) => (await openSocketIo(port)).frames,
  },
  "raw ws relay": { start: program("test/bench/calls/ws-server.ts"), open: (port) => Frames.open(port, "/") },
} satisfies Record<string, Peer>;

/** Streams opened and closed before, as a process keeps the memory of its first streams. */
const WARM_UP = 1_000;
const AT_A_TIME = 8;
/** How long a process settles before each measurement, in milliseconds, and how often it is measured. */
const SETTLE_MS = 300;
const LOOKS = 3;

/** The memory of each of `count` idle streams in a separate process. */
export async function holdIdle({ start, open }: Peer, count: number, core: number | undefined): Promise<Held> {
  return closing(async (later) => {
    const server = await start({ core, flags: ["--expose-gc"] }, later);
    for (const one of await openMany(() => open(server.port), WARM_UP)) one.close();
    const before = await settled(server);
    const streams = await openMany(() => open(server.port), count);
    const after = await settled(server);
    for (const one of streams) one.close();
    return {
      rss: (after.rss - before.rss) / count,
      heap: (after.heapUsed + after.external - before.heapUsed - before.external) / count,
    };
  });
}

async function openMany(open: () => Promise<Open>, count: number): Promise<Open[]> {
  const opened: Open[] = [];
  let left = count;
  const openInTurn = async () => {
    while (left-- > 0) opened.push(await open());
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, openInTurn));
  return opened;
}

async function settled(server: MeasuredProcess): Promise<NodeJS.MemoryUsage> {
  for (let looks = 1; ; looks++) {
    await sleep(SETTLE_MS);
    const memory = await server.memory();
    if (looks === LOOKS) return memory;
  }
}
