import { availableParallelism, loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { closing, type Closer } from "../bench/redis/closing.js";
import { randomFrom } from "../support/unreliable-client.js";
import { Calls } from "./calls.js";
import { Conversations } from "./conversations.js";
import { SoakRecord } from "./record.js";
import { failuresOfRemains, type Life, type Remains, type Report, report } from "./report.js";
import { Service } from "./service.js";
import { type Place, Visitor } from "./visitor.js";

/** Period over which the visitors arrive at first, in milliseconds, for each thousand of them. */
const COMING_MS_PER_THOUSAND = 10_000;
/** How long an instance stays dead, in milliseconds. */
const DEAD_MS = 3_000;
const WARMUP = { people: 20, ms: 4_000 };
/** How long the service may take to forget everybody, beyond the resume window, in milliseconds. */
const FORGET_MS = 60_000;

interface Settings {
  minutes: number;
  people: number;
  killEverySeconds: number;
  lookEverySeconds: number;
  /** How long a session survives its stream. */
  windowMs: number;
}

/** Reads a number above 0 from the environment. */
function numberNamed(name: string, otherwise: number): number {
  const value = Number(process.env[name] ?? otherwise);
  if (!(value > 0)) throw new Error(`${name} must be a number above 0, not ${String(process.env[name])}`);
  return value;
}

/** `npm run soak`: visitors come and go while instances are killed; what that did to them, and what remains of them. */
async function soak(settings: Settings, later: (closer: Closer) => void): Promise<Report> {
  const record = new SoakRecord();
  const service = await Service.start(settings.windowMs, record, later);
  const calls = new Calls(service.port, record);
  later(() => calls.close());
  const shared = { record, calls, conversations: new Conversations(record), random: randomFrom(settings.people) };
  const place = { ...shared, port: service.port, windowMs: settings.windowMs };
  await crowd({ ...place, over: AbortSignal.timeout(WARMUP.ms) }, WARMUP.people);
  const before = await forgotten(service, settings.windowMs);
  Object.assign(record, { visits: 0, sent: 0, received: 0, resumes: 0 });
  record.waitsMs.length = 0;

  const over = AbortSignal.timeout(settings.minutes * 60_000);
  const startMs = performance.now();
  const minutes = () => (performance.now() - startMs) / 60_000;
  const lives: Life[] = service.instances.map(({ name }) => ({ name, looks: [] }));
  const redis: Report["redis"] = [];
  const visiting = crowd({ ...place, over }, settings.people);
  const killing = killInTurn(service, settings, lives, over);
  while (!over.aborted) {
    await sleep(settings.lookEverySeconds * 1_000, undefined, { signal: over }).catch(() => undefined);
    await look(service, lives, minutes());
    redis.push({ minutes: minutes(), ...(await service.lookAtRedis()) });
    progress(minutes(), record, redis.at(-1)?.keys ?? 0);
  }
  await Promise.all([visiting, killing]);
  process.stderr.write("everybody has gone\n");
  return { ...settings, lives, redis, record, before, after: await forgotten(service, settings.windowMs, before) };
}

/** Keeps a number of people there, each followed by another, until the end. */
async function crowd(place: Place, people: number): Promise<void> {
  const comingMs = (people / 1_000) * COMING_MS_PER_THOUSAND;
  const keepComing = async (index: number) => {
    await sleep((index / people) * comingMs);
    while (!place.over.aborted) {
      await new Visitor(place).visit();
      await sleep(place.random() * 500);
    }
  };
  await Promise.all(Array.from({ length: people }, (_, index) => keepComing(index)));
}

/** Kills one instance after the other, and starts it again. */
async function killInTurn(service: Service, settings: Settings, lives: Life[], over: AbortSignal): Promise<void> {
  const { instances } = service;
  for (let turn = 0; ; turn++) {
    await sleep(settings.killEverySeconds * 1_000, undefined, { signal: over }).catch(() => undefined);
    if (over.aborted) return;
    const instance = instances[turn % instances.length];
    if (instance === undefined) return;
    for (const life of lives) if (life.name === instance.name) life.isOver = true;
    await instance.kill();
    await sleep(DEAD_MS);
    await instance.start();
    lives.push({ name: instance.name, looks: [] });
  }
}

async function look(service: Service, lives: readonly Life[], minutes: number): Promise<void> {
  for (const instance of service.instances) {
    const life = lives.find(({ name, isOver }) => name === instance.name && isOver !== true);
    if (life === undefined) continue; // it is dead
    const seen = await Promise.race([instance.look(), sleep(10_000)]);
    if (seen !== undefined && life.isOver !== true) life.looks.push({ minutes, ...seen });
  }
}

/** What remains once everybody has been forgotten, or after the timeout. */
async function forgotten(service: Service, windowMs: number, before?: Remains): Promise<Remains> {
  const endMs = performance.now() + windowMs + FORGET_MS;
  for (;;) {
    await sleep(1_000);
    const instances: Remains["instances"] = [];
    for (const instance of service.instances) {
      const { sockets, heapBytes } = await instance.look();
      instances.push({ sockets, heapBytes, timers: await instance.timers() });
    }
    const remains = {
      instances,
      kinds: await service.kindsOfKeys(),
      counted: await service.counted(),
      redis: await service.lookAtRedis(),
    };
    const left = before === undefined ? [] : failuresOfRemains(before, remains);
    const isForgotten = remains.counted === 0 && left.length === 0;
    if (isForgotten || performance.now() > endMs) return remains;
    process.stderr.write(`still there: ${String(remains.counted)} counted; ${left.join("; ")}\n`);
  }
}

function progress(minutes: number, record: SoakRecord, keys: number): void {
  const { visits, waitsMs, resumes, lost, doubled, expired } = record;
  const wrong = `${String(lost)} lost, ${String(doubled)} doubled, ${String(expired)} expired`;
  const done = `${String(visits)} visits, ${String(waitsMs.length)} joins, ${String(resumes)} resumes`;
  process.stderr.write(`${(minutes * 60).toFixed(0)} s: ${done}, ${String(keys)} keys, ${wrong}\n`);
}

const minutes = numberNamed("MINUTES", 30);
const result = await closing((later) =>
  soak(
    {
      minutes,
      people: numberNamed("PEOPLE", 5_000),
      killEverySeconds: numberNamed("KILL_EVERY_SECONDS", 300),
      lookEverySeconds: Math.min(15, minutes * 5),
      windowMs: Math.min(30_000, Math.round(minutes * 40_000)),
    },
    later,
  ),
);
const { text, failures } = report(result);
const machine = `${String(availableParallelism())} cores, Node.js ${process.version}, load ${(loadavg()[0] ?? NaN).toFixed(1)}`;
process.stdout.write(`${text}\n${machine}\n`);
for (const failure of failures) process.stdout.write(`FAILED: ${failure}\n`);
process.exitCode = failures.length > 0 ? 1 : 0;
