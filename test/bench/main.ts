import { availableParallelism, loadavg } from "node:os";

/** Loaded on demand. Matching is last, as its large heaps would slow the clients of other sections. */
const sections: Record<string, (rounds: number | undefined) => Promise<void>> = {
  calls: async (rounds) => (await import("./calls.js")).benchCalls(rounds),
  proxies: async (rounds) => (await import("./proxies.js")).benchProxies(rounds),
  memory: async (rounds) => (await import("./memory.js")).benchMemory(rounds),
  identity: async (rounds) => (await import("./identity.js")).benchIdentity(rounds),
  redis: async () => (await import("./redis.js")).benchRedis(),
  chat: async () => (await import("./chat.js")).benchChat(),
  verbs: async (rounds) => (await import("./verbs.js")).benchVerbs(rounds),
  "first-frame": async (rounds) => (await import("./first-frame.js")).benchFirstFrame(rounds),
  storm: async (rounds) => (await import("./storm.js")).benchStorm(rounds),
  failover: async (rounds) => (await import("./failover.js")).benchFailover(rounds),
  pings: async (rounds) => (await import("./pings.js")).benchPings(rounds),
  attributes: async () => (await import("./attributes-redis.js")).benchAttributes(),
  cases: async (rounds) => (await import("./cases.js")).benchCases(rounds),
  matching: async () => (await import("./matching.js")).benchMatching(),
  filters: async () => (await import("./matching.js")).benchFilters(),
};

/** `npm run bench [-- section [rounds]]`: costs on this machine, as ratios of the same run. */
async function main(name: string | undefined, rounds: string | undefined): Promise<void> {
  const chosen = Object.entries(sections).filter(([section]) => name === undefined || section === name);
  if (chosen.length === 0)
    throw new Error(`no section ${String(name)}; the sections are ${Object.keys(sections).join(", ")}`);
  if (rounds !== undefined && !/^[1-9]\d*$/.test(rounds)) throw new Error(`rounds: must be a number, not ${rounds}`);
  for (const [section, bench] of chosen) {
    const start = performance.now();
    await bench(rounds === undefined ? undefined : Number(rounds));
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    process.stdout.write(`\n${section} took ${seconds} s; ${machine()}\n`);
  }
}

/** Prints the load of the machine, which affects the figures. */
function machine(): string {
  const load = (loadavg()[0] ?? NaN).toFixed(1);
  return `${String(availableParallelism())} cores, Node.js ${process.version}, load average ${load}`;
}

await main(process.argv[2], process.argv[3]);
