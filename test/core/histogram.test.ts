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

it("has bounds that grow by less than two thirds each", () => {
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
      const estimated = distributionIn(bucketsOf(some));
      expect(estimated.count).toBe(some.length);
      for (const key of ["p50Ms", "p90Ms", "p99Ms"] as const) {
        expect(estimated[key]).toBeGreaterThanOrEqual(exact[key] / 1.67);
        expect(estimated[key]).toBeLessThanOrEqual(exact[key] * 1.67);
      }
    }),
  );
});

it("includes a value in the bucket of an equal bound, and one beyond all bounds in the last", () => {
  expect(distributionIn(bucketsOf([10])).p99Ms).toBeLessThanOrEqual(10);
  expect(distributionIn(bucketsOf([10.01])).p99Ms).toBeGreaterThan(10);
  expect(distributionIn(bucketsOf([1e9])).p50Ms).toBe(BOUNDS_MS.at(-1));
});

it("counts negative times as zero and ignores NaN", () => {
  expect(bucketsOf([-5, Number.NaN])).toMatchObject({ sumMs: 0 });
  expect(distributionIn(bucketsOf([-5, Number.NaN])).count).toBe(1);
});

it("has no percentiles without values", () => {
  const nothing = { count: 0, p50Ms: 0, p90Ms: 0, p99Ms: 0 };
  expect(distributionIn(bucketsOf([]))).toEqual(nothing);
  expect(distributionOf(new Float64Array())).toEqual(nothing);
});

it("merges the histograms of instances into that of one", () => {
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
