import { availableParallelism, loadavg } from "node:os";

/** Loaded when asked for. Redis comes first: the crowds of matching leave a heap behind that would slow its clients. */
const sections: Record<string, () => Promise<void>> = {
  redis: async () => (await import("./redis.js")).benchRedis(),
  matching: async () => (await import("./matching.js")).benchMatching(),
};

/** `npm run bench [-- section]`: what things cost on this machine, as ratios of the same run. */
async function main(name: string | undefined): Promise<void> {
  const chosen = Object.entries(sections).filter(([section]) => name === undefined || section === name);
  if (chosen.length === 0) throw new Error(`no section ${String(name)}; there are ${Object.keys(sections).join(", ")}`);
  for (const [section, bench] of chosen) {
    const start = performance.now();
    await bench();
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    process.stdout.write(`\n${section} took ${seconds} s; ${machine()}\n`);
  }
}

/** Who shares a machine with others should know it when reading the figures. */
function machine(): string {
  const load = (loadavg()[0] ?? NaN).toFixed(1);
  return `${String(availableParallelism())} cores, Node.js ${process.version}, load average ${load}`;
}

await main(process.argv[2]);
