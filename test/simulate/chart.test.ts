import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Chart, drawChart } from "./chart.js";

const chart: Chart = {
  title: "Waits & people <online>",
  description: "What it shows",
  x: { title: "hour", labels: ["0", "1", "2"] },
  left: { title: "seconds", ticks: [0.1, 1, 10], label: String, isLogarithmic: true },
  right: { title: "people", ticks: [0, 50, 100], label: String },
  series: [
    { name: "wait", values: [0.01, undefined, 1], colour: 1 },
    { name: "online", values: [0, 50, 100], colour: 6, isRight: true },
  ],
};

const dotsOf = (svg: string, colour: number) =>
  [...svg.matchAll(new RegExp(`class="dot c${String(colour)}" cx="([\\d.]+)" cy="([\\d.]+)"`, "g"))].map(
    ([, x, y]) => [Number(x), Number(y)] as const,
  );

describe("a chart", () => {
  const svg = drawChart(chart);

  it("names itself, and escapes what is written", () => {
    expect(svg).toContain('<title id="title">Waits &amp; people &lt;online&gt;</title>');
    expect(svg).toContain('<desc id="desc">What it shows</desc>');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("places values on their axes, keeps small ones inside and leaves gaps", () => {
    const [bottom = NaN, middle, top = NaN] = dotsOf(svg, 6).map(([, y]) => y);
    expect(top).toBeLessThan(bottom);
    expect(middle).toBe((top + bottom) / 2);
    expect(dotsOf(svg, 1).map(([, y]) => y)).toEqual([bottom, middle]);
    expect(svg).toMatch(/<path class="line c1" d="M[\d.]+ [\d.]+M[\d.]+ [\d.]+"\/>/);
  });
});

it.each(["docs/capacity-hours.svg", "docs/capacity-widening.svg"])("%s is small and complete", (path) => {
  const svg = readFileSync(path, "utf8");
  expect(svg.length).toBeLessThan(30 * 1024);
  expect(svg).toMatch(/^<svg .*role="img"/);
  expect(svg).toContain("prefers-color-scheme: dark");
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
});
