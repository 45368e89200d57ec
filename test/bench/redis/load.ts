import { setTimeout as sleep } from "node:timers/promises";
import { percentile } from "../statistics.js";
import type { Batch, Line, System } from "./system.js";

export interface Load {
  name: string;
  /** The signals that a sender sends at once. */
  batches: readonly Batch[];
  /** Signals in all. */
  count: number;
  /** Signals per second, whether or not they arrive. Without it, the next one waits until another has arrived. */
  perSecond?: number;
  /** In that case, the number of signals under way. */
  underWay?: number;
}

export interface Outcome {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** CPU microseconds per delivered signal: of both instances, and of Redis. */
  node: number;
  redis: number;
  /** The CPU of this process, in cores. */
  generator: number;
}

/** How long the signals of a load may take to arrive, in milliseconds. */
const PATIENCE_MS = 15_000;

/** Puts a load on a system, once. @throws Error if signals are lost or repeated. */
export async function measure(system: System, load: Load): Promise<Outcome> {
  await system.prepare();
  const before = await system.usage();
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const delays = await carry(system, load);
  const ms = performance.now() - startMs;
  const own = process.cpuUsage(cpu);
  const after = await system.usage();
  return {
    perSecond: (load.count / ms) * 1000,
    p50Ms: percentile(delays, 0.5),
    p99Ms: percentile(delays, 0.99),
    node: (after.node - before.node) / load.count,
    redis: (after.redis - before.redis) / load.count,
    generator: (own.user + own.system) / 1000 / ms,
  };
}

/** Sends the signals over all lines in turn. Returns the latency of each, in milliseconds. */
async function carry({ name, lines, failed }: System, load: Load): Promise<number[]> {
  const flight = new Flight(lines, load);
  const lost = new AbortController();
  const late = sleep(PATIENCE_MS, undefined, { signal: lost.signal }).then(() => {
    throw new Error(`${name}: ${String(flight.delays.length)} of ${String(load.count)} signals arrived`);
  });
  try {
    await Promise.race([flight.land(), late, failed]);
  } finally {
    lost.abort();
    late.catch(() => undefined); // was canceled
    for (const line of lines) line.onArrival = () => undefined;
  }
  return flight.delays;
}

/** The signals of one load. Those of a line arrive in order, so the oldest one under way is the next to arrive. */
class Flight {
  readonly delays: number[] = [];
  #sent = 0;
  #onLanded: () => void = () => undefined;
  readonly #underWay = new Map<Line, number[]>();
  /** Signals that a sender sends at once. */
  readonly #burst: number;

  constructor(
    private readonly lines: readonly Line[],
    private readonly load: Load,
  ) {
    this.#burst = load.batches.reduce((sum, batch) => sum + batch.count, 0);
    for (const line of lines) {
      const sentMs: number[] = [];
      this.#underWay.set(line, sentMs);
      line.onArrival = () => this.#arrive(sentMs.shift());
    }
  }

  async land(): Promise<void> {
    const landed = new Promise<void>((resolve) => {
      this.#onLanded = resolve;
    });
    const { count, perSecond, underWay = 0 } = this.load;
    while (this.#sent < Math.min(underWay, count)) this.#send();
    const startMs = performance.now();
    while (perSecond !== undefined && this.#sent < count) {
      const due = Math.min(count, ((performance.now() - startMs) / 1000) * perSecond);
      while (this.#sent < due) this.#send();
      await sleep(1);
    }
    await landed;
  }

  #send(): void {
    const line = this.lines[(this.#sent / this.#burst) % this.lines.length];
    const { batches, count } = this.load;
    if (this.#sent >= count || line === undefined) return;
    this.#sent += this.#burst;
    const nowMs = performance.now();
    this.#underWay.get(line)?.push(...Array.from({ length: this.#burst }, () => nowMs));
    for (const batch of batches) line.send(batch);
  }

  #arrive(sentMs: number | undefined): void {
    if (sentMs === undefined) throw new Error("a signal arrived that was not sent");
    this.delays.push(performance.now() - sentMs);
    if (this.load.underWay !== undefined && this.delays.length % this.#burst === 0) this.#send();
    if (this.delays.length === this.load.count) this.#onLanded();
  }
}
