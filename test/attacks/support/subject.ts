import { createHook } from "node:async_hooks";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import type { Figures } from "./target.js";

// The server under attack: the whole of it in a process of its own, which tells its figures when asked over IPC.

/** Every Map and Set that the server's own code made and still holds, with the place that made it. */
const tables: [place: string, table: WeakRef<Map<unknown, unknown> | Set<unknown>>][] = [];
/** Timers by their async id. */
const timers = new Set<number>();
const troubles: string[] = [];
let handlers = 0;

function remember(table: Map<unknown, unknown> | Set<unknown>): void {
  const place = /\/(src\/[^:)]+:\d+)/.exec(new Error().stack ?? "")?.[1];
  if (place !== undefined) tables.push([place, new WeakRef(table)]);
}

function watchTables(): void {
  globalThis.Map = class<K, V> extends Map<K, V> {
    constructor(entries?: Iterable<readonly [K, V]> | null) {
      super(entries);
      remember(this);
    }
  };
  globalThis.Set = class<T> extends Set<T> {
    constructor(values?: Iterable<T> | null) {
      super(values);
      remember(this);
    }
  };
  createHook({
    init: (id, type) => {
      if (type === "Timeout") timers.add(id);
    },
    destroy: (id) => void timers.delete(id),
  }).enable();
}

/** Counts the requests that reach a handler over HTTP/2. */
function countHandlers(): void {
  const { createServer } = http2;
  http2.createServer = ((options: http2.ServerOptions, handler: NonNullable<Parameters<typeof createServer>[1]>) =>
    createServer(options, (request, response) => {
      handlers++;
      handler(request, response);
    })) as typeof createServer;
}

function sizes(): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [place, ref] of tables) {
    const size = ref.deref()?.size ?? 0;
    if (size > 0) found[place] = (found[place] ?? 0) + size;
  }
  return found;
}

function figures(): Figures {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const resources = process.getActiveResourcesInfo().sort();
  return {
    rss,
    heapUsed,
    external,
    cpuMs: (user + system) / 1000,
    timers: timers.size,
    tables: sizes(),
    resources,
    troubles,
    handlers,
  };
}

for (const kind of ["unhandledRejection", "uncaughtException"] as const) {
  process.on(kind, (error: unknown) => troubles.push(`${kind}: ${String(error)}`));
}
console.error = (...all: unknown[]) => troubles.push(`console: ${all.map(String).join(" ")}`);
if (process.argv.includes("watched")) watchTables();
countHandlers();

const { compose } = await import("../../../src/compose.js");
const { loadConfig } = await import("../../../src/config.js");
const config = loadConfig();
const logger = pino({ level: "error" }, { write: (line: string) => void troubles.push(line) });
const server = await compose(config, logger);
await server.public.listen({ host: config.HOST, port: 0 });
await server.internal.listen({ host: "127.0.0.1", port: 0 });
process.on("message", () => void process.send?.(figures()));
process.on("disconnect", () => process.exit());
process.send?.({
  port: (server.public.server.address() as AddressInfo).port,
  internalPort: (server.internal.server.address() as AddressInfo).port,
});
