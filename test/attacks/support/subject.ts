import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import type { Figures } from "./target.js";

// The attacked server in its own process, which reports its figures on request over IPC.

/** Every live Map and Set of the server's own code, with the module that created it. */
let tables: { place: string; ref: WeakRef<{ size: number }> }[] = [];
/** Every pending timer, with the module that set it, without those of Node.js itself. */
let timers: { place: string; ref: WeakRef<NodeJS.Timeout> }[] = [];
const troubles: string[] = [];
let handlers = 0;

/** Caches source positions, as looking them up for every table and timer would take most of the time. */
const places = new Map<string, string | undefined>();

/** The module of the caller's caller; undefined outside the project. */
function placeOfCaller(): string | undefined {
  Error.prepareStackTrace = (_error, [, , caller]) =>
    [caller?.getFileName(), caller?.getLineNumber(), caller?.getColumnNumber()].join(":");
  const runsAt = String(new Error().stack);
  Reflect.deleteProperty(Error, "prepareStackTrace");
  if (!places.has(runsAt)) {
    places.set(
      runsAt,
      /^(?!.*\/node_modules\/).*\/(src\/[^:)]+:\d+)/.exec(new Error().stack?.split("\n")[3] ?? "")?.[1],
    );
  }
  return places.get(runsAt);
}

function rememberTable(table: { size: number }, place: string | undefined): void {
  if (place !== undefined) tables.push({ place, ref: new WeakRef(table) });
  if (tables.length % 10_000 === 9_999) tables = tables.filter(({ ref }) => ref.deref() !== undefined);
}

function watchTables(): void {
  globalThis.Map = class<K, V> extends Map<K, V> {
    constructor(entries?: Iterable<readonly [K, V]> | null) {
      super(entries);
      rememberTable(this, placeOfCaller());
    }
  };
  globalThis.Set = class<T> extends Set<T> {
    constructor(values?: Iterable<T> | null) {
      super(values);
      rememberTable(this, placeOfCaller());
    }
  };
}

function isRunning({ ref }: { ref: WeakRef<NodeJS.Timeout> }): boolean {
  return (ref.deref() as { _destroyed?: boolean } | undefined)?._destroyed === false;
}

function watchTimers(): void {
  for (const name of ["setTimeout", "setInterval"] as const) {
    const original = globalThis[name];
    const watched = (...given: Parameters<typeof setTimeout>): NodeJS.Timeout => {
      const timer = original(...given);
      timers.push({ place: placeOfCaller() ?? "elsewhere", ref: new WeakRef(timer) });
      if (timers.length % 10_000 === 9_999) timers = timers.filter(isRunning);
      return timer;
    };
    globalThis[name] = Object.assign(watched, original) as never;
  }
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

function count(found: Iterable<[place: string, size: number]>): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [place, size] of found) if (size > 0) sums[place] = (sums[place] ?? 0) + size;
  return sums;
}

function figures(): Figures {
  globalThis.gc?.();
  tables = tables.filter(({ ref }) => ref.deref() !== undefined);
  timers = timers.filter(isRunning);
  const { rss, heapUsed, external } = process.memoryUsage();
  return {
    rss,
    heapUsed,
    external,
    timers: count(timers.map(({ place }) => [place, 1])),
    tables: count(tables.map(({ place, ref }) => [place, ref.deref()?.size ?? 0])),
    resources: process.getActiveResourcesInfo().sort(),
    troubles,
    handlers,
  };
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

for (const kind of ["unhandledRejection", "uncaughtException"] as const) {
  process.on(kind, (error: unknown) => troubles.push(`${kind}: ${String(error)}`));
}
console.error = (...all: unknown[]) => troubles.push(`console: ${all.map(String).join(" ")}`);
Error.stackTraceLimit = 10;
if (process.argv.includes("watched")) {
  watchTables();
  watchTimers();
}
countHandlers();

const { compose } = await import("../../../src/compose.js");
const { loadConfig } = await import("../../../src/config.js");
const { Effort } = await import("../../../src/adapters/memory/effort.js");
const spend = Object.getOwnPropertyDescriptor(Effort.prototype, "spend")?.value as (places: number) => void;
let passed = 0; // queue entries that searches have visited
Effort.prototype.spend = function (places) {
  passed += places;
  spend.call(this, places);
};
const config = loadConfig();
const logger = pino({ level: "error" }, { write: (line: string) => void troubles.push(line) });
const server = await compose(config, logger);
await server.public.listen({ host: config.HOST, port: 0 });
await server.internal.listen({ host: "127.0.0.1", port: 0 });
const answers = { figures, cpu: cpuMs, places: () => passed };
process.on("message", (asked: keyof typeof answers) => void process.send?.(answers[asked]()));
process.on("disconnect", () => process.exit());
process.send?.({
  port: (server.public.server.address() as AddressInfo).port,
  internalPort: (server.internal.server.address() as AddressInfo).port,
});
