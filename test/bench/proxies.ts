import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../support/ports.js";
import { placeApart } from "./calls/cores.js";
import { measure, type Outcome } from "./calls/load.js";
import { Satoshigle, startSatoshigle } from "./calls/satoshigle.js";
import { type Closer, closing } from "./redis/closing.js";
import { ratios, spread } from "./statistics.js";
import { printTable } from "./table.js";

/** Pairs of clients per server. HAProxy has two connections for each of their streams and calls. */
const PAIRS = 64;
const PASSES = 6;
const [ROUNDS, WARM_UP] = [5, 3];

/** The protocol that HAProxy speaks to the server, as an option of its `server` line; undefined without HAProxy. */
const ways = { "no proxy": undefined, "HAProxy over HTTP/1.1": "", "HAProxy over HTTP/2": " proto h2" };

/** The server's cost of a pair through our client, by what is in front of it. */
export async function benchProxies(rounds = ROUNDS): Promise<void> {
  await closing(async (later) => {
    const core = placeApart(later);
    const subjects: { system: Satoshigle; outcomes: Outcome[] }[] = [];
    for (const [way, option] of Object.entries(ways)) {
      const variables = { TRUST_PROXY: "127.0.0.1" };
      const server = await startSatoshigle(true, { core }, later, variables);
      const port = option === undefined ? server.port : await startProxy(server.port, option, later);
      const gathered = await Satoshigle.gather(way, server, port, PAIRS);
      subjects.push({ system: gathered["our client's protocol"], outcomes: [] });
    }
    for (let round = -WARM_UP; round < rounds; round++) {
      for (const { system, outcomes } of subjects) {
        const outcome = await measure(system, PASSES);
        if (round >= 0) outcomes.push(outcome);
      }
    }
    const costs = subjects.map(({ outcomes }) => outcomes.map(({ cpuMs }) => cpuMs));
    const rows = subjects.map(({ system }, index) => ({
      "clients come through": system.name,
      "CPU ms of the server per pair": spread(costs[index] ?? [], 3),
      "to no proxy": spread(ratios(costs[index] ?? [], costs[0] ?? []), 2),
    }));
    printTable(`CPU per pair through our client; median (range) of ${String(rounds)} rounds`, rows);
  });
}

/** HAProxy in front of a port. Returns its own. */
async function startProxy(target: number, option: string, later: (closer: Closer) => void): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-bench-"));
  later(() => rm(folder, { recursive: true }));
  const port = await freePort();
  const lines = [
    "global",
    "  maxconn 4000",
    "  nbthread 1",
    "defaults",
    "  mode http",
    "  option http-no-delay",
    "  option forwardfor",
    "  timeout connect 2s",
    "  timeout client 600s",
    "  timeout server 600s",
    "listen public",
    `  bind 127.0.0.1:${String(port)}`,
    `  server a 127.0.0.1:${String(target)}${option}`,
  ];
  const file = join(folder, "haproxy.cfg");
  await writeFile(file, `${lines.join("\n")}\n`);
  const child = spawn("haproxy", ["-db", "-f", file], { stdio: "ignore" });
  later(async () => {
    if (child.exitCode === null && child.kill("SIGKILL")) await once(child, "exit");
  });
  for (let attempt = 0; attempt < 100; attempt++) {
    const answer = await fetch(`http://127.0.0.1:${String(port)}/healthz`).catch(() => undefined);
    if (answer?.ok) return port;
    await sleep(50);
  }
  throw new Error("haproxy did not start");
}
