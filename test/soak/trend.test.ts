import { expect, it } from "vitest";
import { trendOf } from "./trend.js";

const LOADS = [10, 40, 20, 80, 30, 60, 90, 50];

it("finds a leak beside what the load takes", () => {
  const points = LOADS.map((load, minutes) => ({ minutes, load, value: 50 + load * 0.5 + minutes * 2 }));
  const { slope, steadiness } = trendOf(points);
  expect(slope).toBeCloseTo(2);
  expect(steadiness).toBe(1);
});

it("finds no leak in what the load takes", () => {
  const points = LOADS.map((load, minutes) => ({ minutes, load, value: 50 + load * 0.5 }));
  expect(trendOf(points).slope).toBeCloseTo(0);
});

it("takes the median of what outliers disturb", () => {
  const points = LOADS.map((_, minutes) => ({ minutes, load: 7, value: minutes === 3 ? 1_000 : minutes }));
  expect(trendOf(points).slope).toBeCloseTo(1);
});
