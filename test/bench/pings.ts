import { once } from "node:events";
import http2 from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { closing } from "./redis/closing.js";
import { MeasuredProcess } from "./redis/process.js";
import { median, spread } from "./statistics.js";
import { printTable } from "./table.js";

const ROUNDS = 3;
const STREAMS = 5_000;
const AT_A_TIME = 16;
/** Shorter than in production, where a heartbeat and a ping have the same interval, too. */
const INTERVAL_MS = 5_000;
const INTERVALS = 4;
const PRODUCTION_INTERVAL_MS = 15_000;

/** What it costs to ping idle HTTP/2 clients, in a separate process. */
export async function benchPings(rounds = ROUNDS): Promise<void> {
  const costs = { "heartbeats alone": [] as number[], "heartbeats and pings": [] as number[] };
  for (let round = 0; round < rounds; round++) {
    costs["heartbeats alone"].push(await measure({}));
    costs["heartbeats and pings"].push(await measure({ PING_MS: String(INTERVAL_MS) }));
  }
  const rows = Object.entries(costs).map(([server, micros]) => ({
    server,
    "µs per stream and interval": spread(micros, 1),
    "of a core at 15 s": `${((median(micros) * STREAMS) / PRODUCTION_INTERVAL_MS / 10).toFixed(2)} %`,
  }));
  printTable(`CPU time of ${String(STREAMS)} idle HTTP/2 streams; median (range) of ${String(rounds)}`, rows);
}

/** Returns the CPU time of each stream per interval, in microseconds. */
async function measure(variables: Record<string, string>): Promise<number> {
  return closing(async (later) => {
    const args = ["--import", "tsx", "test/bench/pings/server.ts"];
    const env = { HEARTBEAT_MS: String(INTERVAL_MS), ...variables };
    const server = await MeasuredProcess.start(args, env, later);
    const clients: http2.ClientHttp2Session[] = [];
    later(() => {
      for (const client of clients) client.destroy();
      return Promise.resolve();
    });
    await openAll(server.port, clients);
    await sleep(INTERVAL_MS);
    const before = await server.cpuMicroseconds();
    await sleep(INTERVALS * INTERVAL_MS);
    const micros = (await server.cpuMicroseconds()) - before;
    const lost = clients.filter(({ closed, destroyed }) => closed || destroyed).length;
    if (lost > 0) throw new Error(`${String(lost)} streams were lost`);
    return micros / STREAMS / INTERVALS;
  });
}

async function openAll(port: number, clients: http2.ClientHttp2Session[]): Promise<void> {
  let left = STREAMS;
  const openInTurn = async () => {
    while (left-- > 0) {
      const client = http2.connect(`http://127.0.0.1:${String(port)}`);
      clients.push(client);
      const stream = client.request({ ":path": "/" });
      await once(stream, "response");
      stream.resume();
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, openInTurn));
}
