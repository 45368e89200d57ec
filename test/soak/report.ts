import { percentile } from "../bench/statistics.js";
import type { Health, Remains } from "./inside.js";
import { trendOf } from "./trend.js";
import type { Diary } from "./visitor.js";

export interface Report {
  minutes: number;
  /** With nobody there, before the crowd came. */
  before: Health & Remains;
  looks: (Health & { minutes: number; people: number })[];
  /** With nobody there, after it went. */
  after: Health & Remains;
  diary: Diary;
}

const MIB = 2 ** 20;
/** The crowd is complete, and what is kept for a while has filled up, after this share of the run. */
const SETTLING = 0.5;
/** A heap that rises by more than this share from then on, nearly every time that it is looked at, grows steadily. */
const GROWTH = 0.05;
const STEADY = 0.7;
/** Of the joins. A machine that is busy with other work breaks some. */
const MOST_BROKEN = 0.1;
/** What may stay of a run when all have gone: compiled code and the like. */
const LEFT_MIB = 8;

/** The figures of a run in words, and what is wrong with them. */
export function report({ minutes, before, looks, after, diary }: Report): { text: string; failures: string[] } {
  const settled = looks.filter((look) => look.minutes >= minutes * SETTLING);
  const heap = settled.map((look) => ({ minutes: look.minutes, value: look.heapBytes / MIB }));
  const { slope, steadiness } = trendOf(heap);
  const mean = heap.reduce((sum, { value }) => sum + value, 0) / heap.length;
  const leftMib = (after.heapBytes - before.heapBytes) / MIB;
  const most = Math.max(...looks.map(({ people }) => people));
  const loop = settled.map(({ loopP99Ms }) => loopP99Ms);
  const [p50, p99] = [0.5, 0.99].map((share) => percentile(diary.waitsMs, share).toFixed(0));
  const lines = [
    `${String(minutes)} minutes, up to ${String(most)} streams at a time, ${String(diary.visits)} visits, ` +
      `${String(diary.waitsMs.length)} joins, ${String(diary.sends)} sends, ${String(diary.resumes)} resumes, ${String(diary.broken)} broken connections`,
    `join to match: median ${String(p50)} ms, p99 ${String(p99)} ms`,
    `event loop: p99 ${percentile(loop, 0.5).toFixed(1)} ms (median of ${String(loop.length)} looks), at worst ${Math.max(...loop).toFixed(1)} ms`,
    `heap after collection: ${mean.toFixed(1)} MiB, ${slope.toFixed(2)} MiB a minute (steadiness ${steadiness.toFixed(2)})`,
    `left with nobody there: ${String(after.sessions)} sessions, ${String(after.streams)} streams, ` +
      `${String(after.timers)} timers (${String(before.timers)} before), ${leftMib.toFixed(1)} MiB more heap`,
  ];
  const failures = [
    after.sessions > 0 && `${String(after.sessions)} sessions are left`,
    after.streams > 0 && `${String(after.streams)} streams are left`,
    after.timers > before.timers && `${String(after.timers - before.timers)} timers are left`,
    leftMib > LEFT_MIB && `${leftMib.toFixed(1)} MiB are left, ${String(LEFT_MIB)} are allowed`,
    slope * minutes * (1 - SETTLING) > mean * GROWTH && steadiness > STEADY && "the heap grows steadily",
    diary.broken > diary.waitsMs.length * MOST_BROKEN && "too many connections broke: is the machine busy?",
    diary.problems.length > 0 && `${String(diary.problems.length)} problems: ${kinds(diary.problems)}`,
  ];
  return { text: lines.join("\n"), failures: failures.filter((failure) => failure !== false) };
}

/** Problems with how often each came, numbers aside. */
function kinds(problems: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const problem of problems) {
    const kind = problem.replace(/\d+/g, "N").slice(0, 200);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([kind, count]) => `${String(count)} × ${kind}`).join("; ");
}
