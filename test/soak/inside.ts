import { monitorEventLoopDelay } from "node:perf_hooks";
import { queryObjects } from "node:v8";
import type { EventBuffer } from "../../src/adapters/memory/event-buffer.js";
import type { Stream } from "../../src/app/streams.js";

/** The state of the server's process, right after a garbage collection. */
export interface Health {
  heapBytes: number;
  /** Event loop delay since the last sample, in milliseconds. */
  loopP99Ms: number;
}

/** Objects that are still reachable. Each session has one mailbox. */
export interface Remains {
  sessions: number;
  streams: number;
  timers: number;
}

/** The server's classes, from the same module instances that it runs. */
async function load<T>(path: string): Promise<T> {
  return (await import(new URL(`../../dist/src/${path}`, import.meta.url).href)) as T;
}

const mailboxes = await load<{ Inbox: typeof EventBuffer }>("adapters/memory/inbox.js");
const streams = await load<{ Stream: typeof Stream }>("app/streams.js");
const sample = setTimeout(() => undefined, 0);
const Timer = sample.constructor as new () => NodeJS.Timeout;
clearTimeout(sample);

const loop = monitorEventLoopDelay({ resolution: 5 });
loop.enable();

function look(): Health {
  const loopP99Ms = loop.percentile(99) / 1e6;
  globalThis.gc?.();
  setImmediate(() => {
    loop.reset(); // without the pause of the measurement
  });
  return { heapBytes: process.memoryUsage().heapUsed, loopP99Ms };
}

/** Blocks the process for seconds. */
function count(): Remains {
  const format = "count";
  return {
    sessions: queryObjects(mailboxes.Inbox, { format }),
    streams: queryObjects(streams.Stream, { format }),
    timers: queryObjects(Timer, { format }),
  };
}

process.on("message", (question) => {
  if (question === "look") process.send?.(look());
  if (question === "count") process.send?.(count());
});
