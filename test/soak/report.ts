import { percentile } from "../bench/statistics.js";
import type { Health, Remains } from "./inside.js";
import { trendOf } from "./trend.js";
import type { SoakRecord } from "./soak-client.js";

export interface Report {
  minutes: number;
  /** Without clients, before the run. */
  before: Health & Remains;
  looks: (Health & { minutes: number; people: number })[];
  /** Without clients, after the run. */
  after: Health & Remains;
  record: SoakRecord;
}

const MIB = 2 ** 20;
/** The share of the run after which all clients are there and temporary state has filled up. */
const SETTLING = 0.5;
/** A heap that grows by more than this share from then on, in nearly every sample, grows steadily. */
const GROWTH = 0.05;
const STEADY = 0.7;
/** Share of the joins. A busy machine breaks some. */
const MOST_BROKEN = 0.1;
/** Memory that may remain after a run, such as compiled code. */
const LEFT_MIB = 8;

/** The report of a run, and its failures. */
export function report({ minutes, before, looks, after, record }: Report): { text: string; failures: string[] } {
  const settled = looks.filter((look) => look.minutes >= minutes * SETTLING);
  const heap = settled.map((look) => ({ minutes: look.minutes, value: look.heapBytes / MIB }));
  const { slope, steadiness } = trendOf(heap);
  const mean = heap.reduce((sum, { value }) => sum + value, 0) / heap.length;
  const leftMib = (after.heapBytes - before.heapBytes) / MIB;
  const most = Math.max(...looks.map(({ people }) => people));
  const loop = settled.map(({ loopP99Ms }) => loopP99Ms);
  const [p50, p99] = [0.5, 0.99].map((share) => percentile(record.waitsMs, share).toFixed(0));
  const lines = [
    `${String(minutes)} minutes, up to ${String(most)} streams at a time, ${String(record.visits)} visits, ` +
      `${String(record.waitsMs.length)} joins, ${String(record.sends)} sends, ${String(record.resumes)} resumes, ${String(record.broken)} broken connections`,
    `join to match: median ${String(p50)} ms, p99 ${String(p99)} ms`,
    `event loop: p99 ${percentile(loop, 0.5).toFixed(1)} ms (median of ${String(loop.length)} looks), at worst ${Math.max(...loop).toFixed(1)} ms`,
    `heap after collection: ${mean.toFixed(1)} MiB, ${slope.toFixed(2)} MiB a minute (steadiness ${steadiness.toFixed(2)})`,
    `left without clients: ${String(after.sessions)} sessions, ${String(after.streams)} streams, ` +
      `${String(after.timers)} timers (${String(before.timers)} before), ${leftMib.toFixed(1)} MiB more heap`,
  ];
  const failures = [
    after.sessions > 0 && `${String(after.sessions)} sessions are left`,
    after.streams > 0 && `${String(after.streams)} streams are left`,
    after.timers > before.timers && `${String(after.timers - before.timers)} timers are left`,
    leftMib > LEFT_MIB && `${leftMib.toFixed(1)} MiB are left, ${String(LEFT_MIB)} are allowed`,
    slope * minutes * (1 - SETTLING) > mean * GROWTH && steadiness > STEADY && "the heap grows steadily",
    record.broken > record.waitsMs.length * MOST_BROKEN && "too many connections broke: is the machine busy?",
    record.problems.length > 0 && `${String(record.problems.length)} problems: ${kinds(record.problems)}`,
  ];
  return { text: lines.join("\n"), failures: failures.filter((failure) => failure !== false) };
}

/** Problems with their frequency, ignoring numbers. */
function kinds(problems: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const problem of problems) {
    const kind = problem.replace(/\d+/g, "N").slice(0, 200);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([kind, count]) => `${String(count)} × ${kind}`).join("; ");
}
