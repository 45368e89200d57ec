import { setTimeout as sleep } from "node:timers/promises";
import type { System } from "./system.js";

/** The cost of an exchange, and whether the server was the bottleneck. */
export interface Outcome {
  /** CPU milliseconds of the server per exchange. */
  cpuMs: number;
  perSecond: number;
  /** The CPU of the server, in cores. */
  server: number;
}

/** Concurrent pairs. */
const UNDER_WAY = 32;
/** Timeout of a pass over all pairs on a busy machine, in milliseconds. */
const PATIENCE_MS = 60_000;

/** Puts load on a system for some passes over its clients. @throws Error if a message is lost */
export async function measure(system: System, passes: number): Promise<Outcome> {
  await system.prepare();
  const before = await system.server.cpuMicroseconds();
  const startMs = performance.now();
  const rest = stayAwake();
  for (let pass = 0; pass < passes; pass++) await inTime(system, carry(system, pass));
  rest();
  const ms = performance.now() - startMs;
  const cpuMs = ((await system.server.cpuMicroseconds()) - before) / 1000;
  const count = passes * system.pairs;
  return {
    cpuMs: cpuMs / count,
    perSecond: (count / ms) * 1000,
    server: cpuMs / ms,
  };
}

/**
 * Keeps this process from sleeping. To write to a process that sleeps on another core, the server needs an interrupt
 * there, so that a server would cost the more, the less it makes its clients do.
 */
function stayAwake(): () => void {
  let isOver = false;
  const poll = () => {
    if (!isOver) setImmediate(poll);
  };
  poll();
  return () => {
    isOver = true;
  };
}

async function carry(system: System, pass: number): Promise<void> {
  const left = Array.from({ length: system.pairs }, (_, index) => index).values();
  const talkInTurn = async () => {
    for (const index of left) await system.exchange(pass, index);
  };
  await Promise.all(Array.from({ length: UNDER_WAY }, talkInTurn));
}

async function inTime({ name, failed }: System, work: Promise<void>): Promise<void> {
  const done = new AbortController();
  const late = sleep(PATIENCE_MS, undefined, { signal: done.signal }).then(() => {
    throw new Error(`${name}: a message was lost`);
  });
  late.catch(() => undefined); // canceled
  try {
    await Promise.race([work, late, failed]);
  } finally {
    done.abort();
  }
}
