import fc from "fast-check";
import { expect, it } from "vitest";
import { BOUNDS_MS, distributionIn, distributionOf, Histogram } from "../../src/core/metrics/histogram.js";
import { minus, noCounters, plus } from "../../src/core/metrics/counters.js";

const values = fc.array(fc.double({ min: 0.11, max: 600_000, noNaN: true }), { minLength: 1, maxLength: 500 });

function bucketsOf(valuesMs: readonly number[]) {
  const histogram = new Histogram();
  for (const value of valuesMs) histogram.observe(value);
  return histogram.buckets;
}

it("has bounds that rise by less than two thirds each", () => {
  for (const [index, bound] of BOUNDS_MS.slice(1).entries()) {
    const step = bound / (BOUNDS_MS[index] ?? 0);
    expect(step).toBeGreaterThan(1);
    expect(step).toBeLessThan(1.67);
  }
});

it("puts a percentile into the bucket of the value that has this rank", () => {
  fc.assert(
    fc.property(values, (some) => {
      const exact = distributionOf(Float64Array.from(some));
      const told = distributionIn(bucketsOf(some));
      expect(told.count).toBe(some.length);
      for (const key of ["p50Ms", "p90Ms", "p99Ms"] as const) {
        expect(told[key]).toBeGreaterThanOrEqual(exact[key] / 1.67);
        expect(told[key]).toBeLessThanOrEqual(exact[key] * 1.67);
      }
    }),
  );
});

it("takes a value on a bound to be within it, and one beyond all bounds to be at the last", () => {
  expect(distributionIn(bucketsOf([10])).p99Ms).toBeLessThanOrEqual(10);
  expect(distributionIn(bucketsOf([10.01])).p99Ms).toBeGreaterThan(10);
  expect(distributionIn(bucketsOf([1e9])).p50Ms).toBe(BOUNDS_MS.at(-1));
});

it("counts times below nothing as nothing and passes over what is no number", () => {
  expect(bucketsOf([-5, Number.NaN])).toMatchObject({ sumMs: 0 });
  expect(distributionIn(bucketsOf([-5, Number.NaN])).count).toBe(1);
});

it("tells of no values without a number that means nothing", () => {
  const nothing = { count: 0, p50Ms: 0, p90Ms: 0, p99Ms: 0 };
  expect(distributionIn(bucketsOf([]))).toEqual(nothing);
  expect(distributionOf(new Float64Array())).toEqual(nothing);
});

it("merges what instances counted apart into what one would have counted", () => {
  const readings = fc
    .record({ times: values, matches: fc.nat(1000), ends: fc.dictionary(fc.constantFrom("left", "banned"), fc.nat(9)) })
    .map(({ times, matches, ends }) => ({
      ...noCounters,
      timeToMatch: bucketsOf(times.map(Math.round)),
      matches,
      ends,
    }));
  fc.assert(
    fc.property(readings, readings, (a, b) => {
      const both = plus(a, b);
      expect(both.timeToMatch.counts.reduce((sum, count) => sum + count)).toBe(
        [a, b].flatMap(({ timeToMatch }) => timeToMatch.counts).reduce((sum, count) => sum + count),
      );
      expect(both.matches).toBe(a.matches + b.matches);
      expect(both.ends.left ?? 0).toBe((a.ends.left ?? 0) + (b.ends.left ?? 0));
      expect(plus(b, a)).toEqual(both);
      expect(minus(both, b)).toEqual({
        ...a,
        ends: Object.fromEntries(Object.entries(a.ends).filter(([, n]) => n > 0)),
      });
    }),
  );
});
