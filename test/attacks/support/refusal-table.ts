import type { DescMethod } from "@bufbuild/protobuf";
import { expect } from "vitest";
import type { Cost, Costs, Refusable } from "./costs.js";
import type { WorstBody } from "./worst-bodies.js";

/** How often calls that seem too expensive are measured again, as first calls and busy machines take longer. */
const ROUNDS = 200;
const MOST_TIMES = 4;
const MAX_ERROR_BYTES = 4 * 1024;

/** The protocols, and how their requests look. */
export const speeches = [
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
export type Speech = (typeof speeches)[number];

export function callOf(
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

/** A call of the table: what it is, in `method | column | body`, and its cost. */
export interface Row {
  what: string;
  costs: Costs;
  call: Refusable;
  best: Cost;
}

export type TableCall = [what: string, costs: Costs, call: Refusable];

/** Measures calls until each costs at most so many times the cheapest, or has been measured often. */
export async function measure(calls: readonly TableCall[], mostTimes = MOST_TIMES): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [what, costs, call] of calls) rows.push({ what, costs, call, best: await costs.round(call) });
  for (let round = 1; round < ROUNDS; round++) {
    const dear = rows.filter(({ best }) => best.cpuMs > mostTimes * cheapest(rows));
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
export function print(title: string, rows: readonly Row[]): void {
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

/** Expects that no call costs more than so many times the cheapest, and that no error is long. */
export function expectCheap(rows: readonly Row[], mostTimes = MOST_TIMES): void {
  const dear = rows.filter(({ best }) => best.cpuMs > mostTimes * cheapest(rows));
  expect(dear.map(({ what, best }) => `${what}: ${best.cpuMs.toFixed(3)} ms`)).toEqual([]);
  const long = rows.filter(({ best }) => best.bytes > MAX_ERROR_BYTES);
  expect(long.map(({ what, best }) => `${what}: ${String(best.bytes)} bytes`)).toEqual([]);
}
