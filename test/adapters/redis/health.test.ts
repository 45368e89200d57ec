import { beforeEach, expect, it } from "vitest";
import { Health } from "../../../src/adapters/redis/health.js";
import type { Trouble } from "../../../src/adapters/redis/refusals.js";

const reset: Trouble = { kind: "away", code: "ECONNRESET", text: "it is away" };
const refused: Trouble = { kind: "away", code: "ECONNREFUSED", text: "it is away" };
const full: Trouble = { kind: "refusing", code: "OOM", text: "it has no memory" };
const strange: Trouble = { kind: "damaged", code: "WRONGTYPE", text: "a key is damaged" };

let nowMs: number;
let told: (string | undefined)[];
let health: Health;
beforeEach(() => {
  [nowMs, told] = [1_000, []];
  health = new Health(
    (trouble) => told.push(trouble?.text),
    () => nowMs,
  );
});

function pass(ms: number): void {
  nowMs += ms;
}

it("tells once of what comes and goes, and once when all has been well for a while", () => {
  for (let round = 0; round < 10; round++) {
    health.failed(round % 2 === 0 ? reset : refused);
    pass(400);
    health.answered();
    pass(1_000);
  }
  expect(told).toEqual(["it is away"]);
  health.answered();
  pass(3_000);
  health.answered();
  health.answered();
  expect(told).toEqual(["it is away", undefined]);
  health.failed(reset);
  expect(told).toEqual(["it is away", undefined, "it is away"]);
});

it("begins the while again with each failure", () => {
  health.failed(reset);
  health.answered();
  pass(2_900);
  health.failed(reset);
  health.answered();
  pass(2_900);
  health.answered();
  expect(told).toEqual(["it is away"]);
});

it("does not take an answer for a sign that changes are taken again", () => {
  health.failed(full);
  health.answered();
  pass(10_000);
  health.answered();
  expect(health.sentences).toEqual(["it has no memory"]);
  health.wrote();
  pass(3_000);
  health.wrote();
  expect(health.sentences).toEqual([]);
  expect(told).toEqual(["it has no memory", undefined]);
});

it("tells what is wrong now, a sentence each, and of a damaged key as long as somebody may have met it", () => {
  for (const trouble of [reset, refused, strange]) health.failed(trouble);
  expect(health.sentences).toEqual(["it is away", "a key is damaged"]);
  health.wrote();
  pass(19_000);
  expect(health.sentences).toEqual(["a key is damaged"]);
  health.failed(strange);
  pass(19_000);
  expect(health.sentences).toEqual(["a key is damaged"]);
  pass(1_000);
  expect(health.sentences).toEqual([]);
});
