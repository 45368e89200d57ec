import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { printTable } from "../bench/table.js";
import { capacityRows } from "./capacity.js";
import type { Figures } from "./figures.js";
import { MAX_ERROR } from "./log-histogram.js";
import { standardModel } from "./model.js";
import { hoursPlot, wideningPlot } from "./plots.js";
import { classRows, dayRows, wideningRows } from "./report.js";
import { type SimulatedDay, simulateDay } from "./simulation.js";

const SEED = 20_261_127;
/** The values of `WIDEN_AFTER_MS` that are compared, on this part of the people. */
const WIDENINGS_MS = [1_000, 5_000, 20_000];
const COMPARED_SHARE = 0.05;

/** `npm run simulate`: a day of a million people, or of `PEOPLE`; `SEED` chooses the day, `OUT` the folder of the plots. */
async function main(people: number, seed: number, folder: string): Promise<void> {
  const day = await simulate(people, seed, standardModel.widenAfterMs);
  printTable(`A day of ${people.toLocaleString("en")} people, seed ${String(seed)}`, dayRows(day));
  const error = `percentiles are within ${(100 * MAX_ERROR).toFixed(0)} %`;
  printTable(`Time to a match by class; ${error}`, classRows(day.figures));
  const days = new Map<number, Figures>();
  const fewer = Math.ceil(people * COMPARED_SHARE);
  for (const widenAfterMs of WIDENINGS_MS) days.set(widenAfterMs, (await simulate(fewer, seed, widenAfterMs)).figures);
  printTable(`The same by WIDEN_AFTER_MS, with ${fewer.toLocaleString("en")} people`, wideningRows(days));
  printTable("What a number of people online needs, computed", capacityRows());
  const files = { "capacity-hours.svg": hoursPlot(day.figures), "capacity-widening.svg": wideningPlot(days) };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const load = (loadavg()[0] ?? NaN).toFixed(1);
  process.stdout.write(`\n${String(availableParallelism())} cores, Node.js ${process.version}, load ${load}\n`);
  process.stdout.write(`plots: ${Object.keys(files).join(" and ")} in ${folder}\n`);
}

async function simulate(people: number, seed: number, widenAfterMs: number): Promise<SimulatedDay> {
  const onHour = (hour: number, { online, offerers }: Figures) => {
    const counts = `${String(online)} online, ${String(offerers)} matches`;
    process.stderr.write(`WIDEN_AFTER_MS ${String(widenAfterMs)}, ${String(hour)}:00: ${counts}\n`);
  };
  const day = await simulateDay({ model: { ...standardModel, people, widenAfterMs }, seed, onHour });
  const { sessions, waiting, matches } = day.remains;
  if (sessions + waiting + matches > 0) throw new Error(`the lobby is not empty: ${JSON.stringify(day.remains)}`);
  return day;
}

function numberFrom(name: string, usual: number): number {
  const value = Number(process.env[name] ?? usual);
  if (!Number.isSafeInteger(value) || value <= 0) throw new Error(`${name} must be a whole number above 0`);
  return value;
}

const folder = process.env.OUT ?? mkdtempSync(join(tmpdir(), "satoshigle-simulate-"));
mkdirSync(folder, { recursive: true });
await main(numberFrom("PEOPLE", standardModel.people), numberFrom("SEED", SEED), folder);
