import { benchMatching } from "./matching.js";

/** `npm run bench`: what things cost on this machine, as ratios of the same run. */
const sizes = [1_000, 10_000, 100_000, 1_000_000];
const rows = await benchMatching(sizes);

process.stdout.write("Matching in memory\n");
console.table(
  rows.map((row) => {
    const base = rows.find(({ crowd, waiting }) => crowd === row.crowd && waiting === sizes[0]);
    return {
      crowd: row.crowd,
      waiting: row.waiting.toLocaleString("en"),
      "µs CPU per match": row.microseconds.toFixed(1),
      "ratio to 1,000": (row.microseconds / (base?.microseconds ?? NaN)).toFixed(2),
      "bytes per waiter": row.bytesPerWaiter,
    };
  }),
);
