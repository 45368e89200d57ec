import fc from "fast-check";
import { expect, it } from "vitest";
import { effortOf, type Heat, heated, HEAT_MS, levelAt } from "../../src/core/heat.js";

/** The heat after sessions with these pauses between them, in milliseconds. */
function after(pauses: readonly number[]): Heat {
  let heat: Heat = { level: 0, atMs: 0 };
  for (const pauseMs of pauses) heat = heated(heat, heat.atMs + pauseMs);
  return heat;
}

const pauses = fc.array(fc.integer({ min: 0, max: 10 * HEAT_MS }), { maxLength: 200 });
const thresholds = fc.integer({ min: 1, max: 10_000 });

it("nothing takes work below the threshold", () => {
  fc.assert(
    fc.property(pauses, thresholds, (given, threshold) => {
      const { level } = after(given);
      expect(effortOf(level, threshold) === 0).toBe(level < threshold);
      expect(effortOf(after(given.slice(0, threshold - 1)).level, threshold)).toBe(0);
    }),
  );
});

it("the work grows with the heat, and has an upper limit", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      thresholds,
      (a, b, max) => {
        const [less, more] = [effortOf(Math.min(a, b), max), effortOf(Math.max(a, b), max)];
        expect(less).toBeLessThanOrEqual(more);
        expect(more).toBeLessThanOrEqual(1);
      },
    ),
  );
});

it("every session takes work if the threshold is 0", () => {
  expect(effortOf(levelAt(undefined, 0), 0)).toBe(0.25);
});

it("everything cools down within minutes, also if the clock goes back", () => {
  const heat = after(Array.from({ length: 200 }, () => 0));
  expect(levelAt(heat, -HEAT_MS)).toBe(200);
  expect(levelAt(heat, 2 * HEAT_MS)).toBeLessThan(30);
  expect(levelAt(heat, 10 * HEAT_MS)).toBeLessThan(0.01);
});

it("a steady rate has the level of about a minute", () => {
  const { level } = after(Array.from({ length: 600 }, () => 1_000));
  expect(level).toBeGreaterThan(58);
  expect(level).toBeLessThan(62);
});
