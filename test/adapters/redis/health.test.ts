import { beforeEach, expect, it } from "vitest";
import { Health } from "../../../src/adapters/redis/health.js";
import type { Trouble } from "../../../src/adapters/redis/refusals.js";

const reset: Trouble = { kind: "away", code: "ECONNRESET", text: "it is unreachable" };
const refused: Trouble = { kind: "away", code: "ECONNREFUSED", text: "it is unreachable" };
const full: Trouble = { kind: "refusing", code: "OOM", text: "it has no memory" };
const strange: Trouble = { kind: "damaged", code: "WRONGTYPE", text: "a key is damaged" };

let nowMs: number;
let reports: (string | undefined)[];
let health: Health;
beforeEach(() => {
  [nowMs, reports] = [1_000, []];
  health = new Health(
    (trouble) => reports.push(trouble?.text),
    () => nowMs,
  );
});

function pass(ms: number): void {
  nowMs += ms;
}

it("reports an intermittent problem once, and the recovery once after a while", () => {
  for (let round = 0; round < 10; round++) {
    health.failed(round % 2 === 0 ? reset : refused);
    pass(400);
    health.answered();
    pass(1_000);
  }
  expect(reports).toEqual(["it is unreachable"]);
  health.answered();
  pass(3_000);
  health.answered();
  health.answered();
  expect(reports).toEqual(["it is unreachable", undefined]);
  health.failed(reset);
  expect(reports).toEqual(["it is unreachable", undefined, "it is unreachable"]);
});

it("restarts the recovery period with each failure", () => {
  health.failed(reset);
  health.answered();
  pass(2_900);
  health.failed(reset);
  health.answered();
  pass(2_900);
  health.answered();
  expect(reports).toEqual(["it is unreachable"]);
});

it("does not consider an answer a sign that writes are accepted again", () => {
  health.failed(full);
  health.answered();
  pass(10_000);
  health.answered();
  expect(health.sentences).toEqual(["it has no memory"]);
  health.wrote();
  pass(3_000);
  health.wrote();
  expect(health.sentences).toEqual([]);
  expect(reports).toEqual(["it has no memory", undefined]);
});

it("lists current problems, one sentence each, and a damaged key for a while", () => {
  for (const trouble of [reset, refused, strange]) health.failed(trouble);
  expect(health.sentences).toEqual(["it is unreachable", "a key is damaged"]);
  health.wrote();
  pass(19_000);
  expect(health.sentences).toEqual(["a key is damaged"]);
  health.failed(strange);
  pass(19_000);
  expect(health.sentences).toEqual(["a key is damaged"]);
  pass(1_000);
  expect(health.sentences).toEqual([]);
});
