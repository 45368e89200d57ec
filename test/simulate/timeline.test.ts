import { describe, expect, it } from "vitest";
import { randomFrom } from "../support/unreliable-client.js";
import { arrivalTimes } from "./arrivals.js";
import { exponential, geometric, logNormal, Weighted, zipf } from "./distributions.js";
import { Timeline } from "./timeline.js";

describe("a timeline", () => {
  it("runs what is planned by time, and by the order of planning at the same time", async () => {
    const timeline = new Timeline();
    const random = randomFrom(1);
    const ran: [number, number][] = [];
    for (let index = 0; index < 1_000; index++) {
      const delayMs = Math.floor(random() * 100);
      timeline.plan(delayMs, () => {
        ran.push([timeline.nowMs(), index]);
      });
    }
    while (await timeline.step());
    expect(ran.length).toBe(1_000);
    expect(ran).toEqual(ran.toSorted(([a, first], [b, second]) => a - b || first - second));
  });

  it("waits for what a timer begins, and leaves out cancelled ones", async () => {
    const timeline = new Timeline();
    const done: string[] = [];
    timeline.after(5, () => {
      Promise.resolve()
        .then(() => Promise.resolve())
        .then(() => done.push("timer"))
        .catch(() => undefined);
    });
    timeline.after(4, () => done.push("cancelled"))();
    timeline.plan(5, () => {
      done.push("next");
    });
    while (await timeline.step());
    expect(done).toEqual(["timer", "next"]);
  });
});

describe("arrivals", () => {
  const HOUR_MS = 3_600_000;

  it("follow the curve of the day", () => {
    const times = [...arrivalTimes([1, 1, 3, 3], 40_000, randomFrom(3))];
    expect(Math.abs(times.length - 40_000)).toBeLessThan(800); // four deviations
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const shareBefore = times.filter((time) => time < 2 * HOUR_MS).length / times.length;
    expect(shareBefore).toBeCloseTo(2.5 / 8, 2); // the rate changes between the middles of hours, also at midnight
    const inHalf = times.filter((time) => time >= 2.5 * HOUR_MS && time < 3 * HOUR_MS).length / times.length;
    expect(inHalf).toBeCloseTo(1.5 / 8, 2);
  });
});

describe("distributions", () => {
  const COUNT = 50_000;
  const draw = (one: () => number) => Array.from({ length: COUNT }, one).sort((a, b) => a - b);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

  it("have their means and medians", () => {
    const random = randomFrom(5);
    expect(mean(draw(() => exponential(random)))).toBeCloseTo(1, 1);
    expect(mean(draw(() => geometric(random, 4)))).toBeCloseTo(4, 1);
    const logs = draw(() => Math.log(logNormal(random, { median: 60, sigma: 0.8 }) / 60));
    expect(logs[COUNT / 2]).toBeCloseTo(0, 1);
    expect(Math.sqrt(mean(logs.map((value) => value ** 2)))).toBeCloseTo(0.8, 1);
  });

  it("draw by weight", () => {
    const weighted = new Weighted(zipf(3));
    const random = randomFrom(6);
    const drawn = draw(() => weighted.draw(random));
    for (const [index, share] of [6 / 11, 3 / 11, 2 / 11].entries()) {
      expect(drawn.filter((one) => one === index).length / COUNT).toBeCloseTo(share, 2);
    }
  });
});
