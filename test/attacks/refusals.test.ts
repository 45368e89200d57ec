import type { DescMessage, DescMethod, DescService } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Health } from "../../gen/health/v1/health_pb.js";
import { ModerationService } from "../../gen/satoshigle/internal/v1/moderation_pb.js";
import { MonitoringService } from "../../gen/satoshigle/internal/v1/monitoring_pb.js";
import { PaymentService } from "../../gen/satoshigle/internal/v1/payment_pb.js";
import { PeopleService } from "../../gen/satoshigle/internal/v1/people_pb.js";
import { MatchService } from "../../gen/satoshigle/v1/matching_pb.js";
import { SignalService } from "../../gen/satoshigle/v1/signaling_pb.js";
import { TipService } from "../../gen/satoshigle/v1/tipping_pb.js";
import type { SessionId } from "../../src/core/ids.js";
import { signToken } from "../../src/core/token.js";
import { decode } from "../../src/rpc/codec/decode.js";
import { validate } from "../../src/rpc/interceptors/validate.js";
import { type Cost, Costs, type Refusable } from "./support/costs.js";
import { Target } from "./support/target.js";
import { type WorstBody, worstBodies } from "./support/worst-bodies.js";

const SECRET = "a secret of at least 32 characters";
const CALLS = 10;
/** How often calls that seem too expensive are measured again, as first calls and busy machines take longer. */
const ROUNDS = 40;
const MOST_TIMES = 4;
const MAX_ERROR_BYTES = 4 * 1024;

const methodsOf = (services: DescService[]) => services.flatMap(({ methods }) => methods);
const open = methodsOf([SignalService, MatchService, TipService]);
const internal = methodsOf([MonitoringService, ModerationService, PaymentService, PeopleService, Health]);

const speeches = [
  { name: "Connect", version: "h1", binary: "application/proto", json: "application/json", inEnvelope: false },
  {
    name: "gRPC-Web",
    version: "h1",
    binary: "application/grpc-web+proto",
    json: "application/grpc-web+json",
    inEnvelope: true,
  },
  { name: "gRPC", version: "h2", binary: "application/grpc+proto", json: "application/grpc+json", inEnvelope: true },
] as const;
type Speech = (typeof speeches)[number];

let target: Target;
let strict: Target;
beforeAll(async () => {
  const variables = { SESSION_SECRET: SECRET, MAX_LOOP_DELAY_MS: "10000", RATE_LIMIT_WINDOW_MS: "3600000" };
  target = await Target.start({ ...variables, RATE_LIMIT_MAX_REQUESTS: "1000000" });
  strict = await Target.start({ ...variables, RATE_LIMIT_MAX_REQUESTS: "1" });
});
afterAll(() => Promise.all([target.close(), strict.close()]));

const forged = `${signToken(SECRET, "somebody" as SessionId).slice(0, -1)}_`;
const genuine = signToken(SECRET, "nobody" as SessionId);
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

function callOf(
  method: DescMethod,
  speech: Speech,
  port: number,
  headers: Record<string, string>,
  body: WorstBody,
): Refusable {
  const isStream = method.methodKind !== "unary" && speech.name === "Connect";
  const type = isStream
    ? `application/connect+${body.isBinary ? "proto" : "json"}`
    : body.isBinary
      ? speech.binary
      : speech.json;
  const length = Buffer.alloc(5);
  length.writeUInt32BE(body.bytes.length, 1);
  const bytes = speech.inEnvelope || isStream ? Buffer.concat([length, body.bytes]) : body.bytes;
  const { version } = speech;
  return {
    port,
    version,
    path: `/${method.parent.typeName}/${method.name}`,
    headers: { ...headers, "content-type": type },
    body: bytes,
  };
}

/**
 * The bodies that take longest to parse here are measured there. A valid request is refused by the use case, at the
 * cost of a served call; in a protocol that the library serves, at the library's cost.
 */
function dearest({ input }: DescMethod, servedToo: boolean): WorstBody[] {
  const timed = worstBodies(input)
    .filter((body) => servedToo || isBad(input, body))
    .map((body) => ({ body, ms: Math.min(...Array.from({ length: 8 }, () => timeOf(input, body))) }));
  return timed
    .toSorted((one, other) => other.ms - one.ms)
    .slice(0, 3)
    .map(({ body }) => body);
}

function isBad(input: DescMessage, { isBinary, bytes }: WorstBody): boolean {
  try {
    validate(input, decode(input, isBinary, bytes).message);
    return false;
  } catch {
    return true;
  }
}

function timeOf(input: DescMessage, body: WorstBody): number {
  const startMs = performance.now();
  isBad(input, body);
  return performance.now() - startMs;
}

interface Row {
  what: string;
  costs: Costs;
  call: Refusable;
  best: Cost;
}

/** Measures calls until each costs at most four times the cheapest, or has been measured often. */
async function measure(calls: [what: string, costs: Costs, call: Refusable][]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [what, costs, call] of calls) rows.push({ what, costs, call, best: await costs.round(call) });
  for (let round = 1; round < ROUNDS; round++) {
    const dear = rows.filter(({ best }) => best.cpuMs > MOST_TIMES * cheapest(rows));
    for (const row of dear) {
      const again = await row.costs.round(row.call);
      if (again.cpuMs < row.best.cpuMs) row.best = again;
    }
    if (dear.length === 0) break;
  }
  return rows;
}

function cheapest(rows: readonly Row[]): number {
  return Math.min(...rows.map(({ best }) => best.cpuMs));
}

/** Prints the most expensive call of each column for each method. */
function print(title: string, rows: readonly Row[]): void {
  const least = cheapest(rows);
  const lines = rows
    .toSorted((one, other) => other.best.cpuMs - one.best.cpuMs)
    .filter(({ what }, index, all) => all.findIndex((row) => cell(row.what) === cell(what)) === index)
    .toSorted((one, other) => one.what.localeCompare(other.what))
    .map(
      ({ what, best }) =>
        `${what}: ${best.cpuMs.toFixed(3)} ms, ${(best.cpuMs / least).toFixed(1)} times, ${String(best.bytes)} bytes`,
    );
  console.log([`${title}: the cheapest ${least.toFixed(3)} ms`, ...lines].join("\n"));
}

const cell = (what: string) => what.split(" | ").slice(0, 2).join();

describe("the most expensive refused call costs at most four times the CPU time of the cheapest", () => {
  it.each(speeches)(
    "on the public listener in $name",
    async (speech) => {
      const [costs, ofStrict] = [new Costs(target, CALLS), new Costs(strict, CALLS)];
      const calls = open.flatMap((method): [string, Costs, Refusable][] => {
        const needsToken = method !== SignalService.method.signal;
        const bodies = dearest(method, speech.name === "Connect");
        const [first] = bodies as [WorstBody];
        const small = { what: "nothing", isBinary: true, bytes: Buffer.alloc(0) };
        const call = (headers: Record<string, string>, body: WorstBody, port = target.port) =>
          callOf(method, speech, port, headers, body);
        return [
          ...[small, first].flatMap((body): [string, Costs, Refusable][] => [
            ...(needsToken
              ? ([[`${method.name} | no token | ${body.what}`, costs, call({}, body)]] as [string, Costs, Refusable][])
              : []),
            [`${method.name} | bad token | ${body.what}`, costs, call(bearer(forged), body)],
            [`${method.name} | over limit | ${body.what}`, ofStrict, call(bearer(genuine), body, strict.port)],
          ]),
          ...bodies.map((body): [string, Costs, Refusable] => [
            `${method.name} | worst body | ${body.what}`,
            costs,
            call(needsToken ? bearer(genuine) : {}, body),
          ]),
        ];
      });
      for (const [, its, call] of calls) if (its === ofStrict) await its.round(call); // uses up all budgets
      const rows = await measure(calls);
      [costs, ofStrict].forEach((one) => one.close());
      print(speech.name, rows);
      expectCheap(rows);
    },
    600_000,
  );

  it.each(speeches)(
    "on the internal listener in $name",
    async (speech) => {
      const costs = new Costs(target, CALLS);
      const calls = internal.flatMap((method): [string, Costs, Refusable][] => {
        const bodies = dearest(method, false);
        const [first] = bodies as [WorstBody];
        const call = (headers: Record<string, string>, body: WorstBody) =>
          callOf(method, speech, target.internalPort, headers, body);
        return [
          [`${method.name} | foreign page | ${first.what}`, costs, call({ origin: "https://evil.example" }, first)],
          ...bodies.map((body): [string, Costs, Refusable] => [
            `${method.name} | worst body | ${body.what}`,
            costs,
            call({}, body),
          ]),
        ];
      });
      const rows = (await measure(calls)).filter(({ best }) => best.status !== 0);
      costs.close();
      print(`internal, ${speech.name}`, rows);
      expectCheap(rows);
    },
    600_000,
  );
});

function expectCheap(rows: readonly Row[]): void {
  const dear = rows.filter(({ best }) => best.cpuMs > MOST_TIMES * cheapest(rows));
  expect(dear.map(({ what, best }) => `${what}: ${best.cpuMs.toFixed(3)} ms`)).toEqual([]);
  const long = rows.filter(({ best }) => best.bytes > MAX_ERROR_BYTES);
  expect(long.map(({ what, best }) => `${what}: ${String(best.bytes)} bytes`)).toEqual([]);
}
