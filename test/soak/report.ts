import { percentile } from "../bench/statistics.js";
import type { Look } from "./instance.js";
import { inWords, type SoakRecord } from "./record.js";
import type { Kind, RedisLook } from "./service.js";
import { trendOf } from "./trend.js";

/** An instance from a start to its end. */
export interface Life {
  name: string;
  looks: (Look & { minutes: number })[];
  /** Whether it was killed. */
  isOver?: boolean;
}

/** What there is without visitors. */
export interface Remains {
  instances: { sockets: number; timers: number; heapBytes: number }[];
  kinds: Map<string, Kind>;
  /** The sum of the realm's counters of sessions and matches. */
  counted: number;
  redis: RedisLook;
}

export interface Report {
  minutes: number;
  people: number;
  killEverySeconds: number;
  lives: Life[];
  redis: (RedisLook & { minutes: number })[];
  record: SoakRecord;
  /** Before the run, and after everybody was forgotten. */
  before: Remains;
  after: Remains;
}

const MIB = 2 ** 20;
/** Part of a life, or of the run, in which temporary state fills up. */
const SETTLING = 0.3;
/** Shorter times say nothing about growth, in minutes. */
const MIN_JUDGED = 4;
/** What grows by more than this share of itself, in nearly every sample, grows steadily. */
const GROWTH = 0.05;
const STEADY = 0.7;
/** Memory that may remain after a run, such as compiled code. */
const LEFT_MIB = 12;
/** Connections and timers of health checks and of the server's own periods, which come and go. */
const NOISE = 5;
/**
 * Kinds of keys that are kept without people: those of a fixed size, those that expire, and the log of events, which
 * is bounded by EVENTS_MAX.
 */
const KEPT: Readonly<Record<string, "fixed" | "expires" | "log">> = {
  agreement: "fixed",
  bus: "fixed",
  closed: "expires",
  count: "fixed",
  counts: "fixed",
  events: "log",
  nodes: "fixed",
  records: "fixed",
  samples: "fixed",
};

/** The report of a run, and its failures. */
export function report(run: Report): { text: string; failures: string[] } {
  const growth = [...run.lives.flatMap((life) => ofLife(life)), ofRedis(run)];
  const lines = [...whatHappened(run), ...growth.map(({ line }) => line), ...whatIsLeft(run)];
  const failures = [
    ...growth.flatMap(({ failure }) => failure ?? []),
    ...failuresOf(run.record),
    ...failuresOfRemains(run.before, run.after),
  ];
  return { text: lines.join("\n"), failures };
}

function whatHappened({ minutes, people, record }: Report): string[] {
  const { visits, waitsMs, sent, received, resumes, lost, doubled, expired, errors, problems } = record;
  const [p50, p99] = [0.5, 0.99].map((share) => percentile(waitsMs, share).toFixed(0));
  return [
    `${String(minutes)} minutes, ${String(people)} people at a time: ${String(visits)} visits, ${String(waitsMs.length)} joins, ${String(resumes)} resumes`,
    `signals: ${String(sent)} acknowledged, ${String(received)} received`,
    `events and signals lost: ${String(lost)}; doubled: ${String(doubled)}; sessions ended early: ${String(expired)}`,
    `join to match: median ${String(p50)} ms, p99 ${String(p99)} ms`,
    `errors, repeated by clients: ${inWords(errors)}`,
    `problems: ${inWords(problems)}`,
  ];
}

function ofLife({ name, looks, isOver }: Life): { line: string; failure?: string }[] {
  const [first, last] = [looks[0], looks.at(-1)];
  if (first === undefined || last === undefined) return [];
  const spanMinutes = last.minutes - first.minutes;
  const settled = looks.filter(({ minutes }) => minutes >= first.minutes + spanMinutes * SETTLING);
  const heap = settled.map(({ minutes, heapBytes, sockets }) => ({ minutes, value: heapBytes / MIB, load: sockets }));
  const most = (pick: (look: Look) => number) => Math.max(...looks.map(pick));
  const p99Ms = percentile(
    settled.map(({ loopP99Ms }) => loopP99Ms),
    0.5,
  );
  const until = isOver === true ? "killed" : "end";
  const { text, grows } = growthOf(heap, spanMinutes);
  const line =
    `${name}, minute ${first.minutes.toFixed(1)} to ${last.minutes.toFixed(1)} (${until}): up to ${String(most(({ sockets }) => sockets))} connections, ` +
    `heap ${text}, RSS at most ${(most(({ rssBytes }) => rssBytes) / MIB).toFixed(0)} MiB, ` +
    `event loop p99 ${p99Ms.toFixed(1)} ms (median of ${String(settled.length)} looks), at worst ${most(({ loopMaxMs }) => loopMaxMs).toFixed(0)} ms`;
  return [{ line, ...(grows && { failure: `the heap of ${name} grows steadily` }) }];
}

function ofRedis({ redis, minutes }: Report): { line: string; failure?: string } {
  const settled = redis.filter((look) => look.minutes >= minutes * SETTLING);
  const used = settled.map((look) => ({ minutes: look.minutes, value: look.usedBytes / MIB, load: 0 }));
  const { text, grows } = growthOf(used, minutes);
  const rss = Math.max(...redis.map(({ rssBytes }) => rssBytes)) / MIB;
  const keys = Math.max(...redis.map((look) => look.keys));
  const line = `Redis: memory ${text}, RSS at most ${rss.toFixed(0)} MiB, at most ${String(keys)} keys`;
  return { line, ...(grows && { failure: "the memory of Redis grows steadily" }) };
}

/** How a memory grows, in MiB. */
function growthOf(points: readonly { minutes: number; value: number; load: number }[], spanMinutes: number) {
  const { slope, steadiness } = trendOf(points);
  const mean = points.reduce((sum, { value }) => sum + value, 0) / points.length;
  const grows =
    spanMinutes >= MIN_JUDGED && slope * spanMinutes * (1 - SETTLING) > mean * GROWTH && steadiness > STEADY;
  return {
    grows,
    text: `${mean.toFixed(1)} MiB, ${slope.toFixed(2)} MiB a minute (steadiness ${steadiness.toFixed(2)})`,
  };
}

function whatIsLeft({ before, after }: Report): string[] {
  const instances = after.instances.map(({ sockets, timers, heapBytes }, index) => {
    const former = before.instances[index];
    const more = (heapBytes - (former?.heapBytes ?? 0)) / MIB;
    return `${String(sockets)} sockets (${String(former?.sockets)} before), ${String(timers)} timers (${String(former?.timers)} before), ${more.toFixed(1)} MiB more heap`;
  });
  const more = (after.redis.usedBytes - before.redis.usedBytes) / MIB;
  return [
    `left without people: ${instances.join("; ")}; Redis: ${more.toFixed(1)} MiB more`,
    `keys left: ${inWords(new Map([...after.kinds].map(([kind, { keys }]) => [kind, keys])))}`,
  ];
}

function failuresOf({ lost, doubled, expired, problems, waitsMs }: SoakRecord): string[] {
  const failures = [
    waitsMs.length === 0 && "nobody was matched",
    lost > 0 && `${String(lost)} events or signals were lost`,
    doubled > 0 && `${String(doubled)} events or signals arrived twice`,
    expired > 0 && `${String(expired)} sessions ended before their window did`,
    problems.size > 0 && `problems: ${inWords(problems)}`,
  ];
  return failures.filter((failure) => failure !== false);
}

/** What is left that should not be. */
export function failuresOfRemains(before: Remains, after: Remains): string[] {
  const failures = after.instances.flatMap(({ sockets, timers, heapBytes }, index) => {
    const former = before.instances[index] ?? { sockets: 0, timers: 0, heapBytes: 0 };
    const leftMib = (heapBytes - former.heapBytes) / MIB;
    return [
      sockets > former.sockets + NOISE && `${String(sockets - former.sockets)} sockets are left`,
      timers > former.timers + NOISE && `${String(timers - former.timers)} timers are left`,
      leftMib > LEFT_MIB && `${leftMib.toFixed(1)} MiB of heap are left, ${String(LEFT_MIB)} are allowed`,
    ];
  });
  const keys = [...after.kinds].map(([name, kind]) => failureOfKind(name, kind, before.kinds.get(name)));
  failures.push(...keys, after.counted > 0 && `the realm still counts ${String(after.counted)} sessions and matches`);
  return failures.filter((failure) => failure !== false);
}

function failureOfKind(name: string, { keys, lasting, entries }: Kind, before?: Kind): string | false {
  const kept = KEPT[name];
  if (kept === undefined) return `${String(keys)} keys of the kind ${name} are left`;
  if (kept === "expires") return lasting > 0 && `${String(lasting)} keys of the kind ${name} do not expire`;
  const former = before?.entries ?? entries;
  return kept === "fixed" && entries > former && `${name} has ${String(entries)} entries, ${String(former)} before`;
}
