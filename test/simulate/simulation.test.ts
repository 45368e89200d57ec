import { describe, expect, it } from "vitest";
import { randomFrom } from "../support/unreliable-client.js";
import { type Crowd, standardCrowd } from "./crowd.js";
import type { Figures } from "./figures.js";
import { LogHistogram, MAX_ERROR } from "./log-histogram.js";
import { type Model, standardModel } from "./model.js";
import { classRows } from "./report.js";
import { simulateDay } from "./simulation.js";

/** An hour with as many people as in a busy hour of a larger day. */
const brief: Model = { ...standardModel, hourlyArrivals: [1], people: 1_000 };
const SEED = 7;
const waits: number[] = [];
const day = simulateDay({ model: brief, seed: SEED, onWait: (waitedMs) => waits.push(waitedMs) });

/** What of the figures does not depend on the machine. */
function outcome(figures: Figures) {
  const { offerers, peakOnline, peakMatchesPerSecond, onlineMs, chatMs } = figures;
  return { offerers, peakOnline, peakMatchesPerSecond, onlineMs, chatMs, classes: classRows(figures) };
}

describe("a simulated day", () => {
  it("gives the same figures for the same seed, and others for another one", async () => {
    const once = await day;
    const again = await simulateDay({ model: brief, seed: SEED });
    const other = await simulateDay({ model: brief, seed: SEED + 1 });
    expect(outcome(again.figures)).toEqual(outcome(once.figures));
    expect(outcome(other.figures)).not.toEqual(outcome(once.figures));
  });

  it("loses nobody, gives each match two sides and leaves the lobby empty", async () => {
    const { figures, remains } = await day;
    expect(figures.total("people")).toBeGreaterThan(800);
    expect(figures.total("unmatched")).toBeGreaterThan(0);
    expect(figures.total("unmatched") + figures.total("afterChats")).toBe(figures.total("people"));
    expect(figures.online).toBe(0);
    expect(figures.offerers).toBeGreaterThan(figures.total("people"));
    expect(figures.answerers).toBe(figures.offerers);
    expect(remains).toEqual({ sessions: 0, waiting: 0, matches: 0 });
  });

  it("brings people with the same filters, whenever these give way", async () => {
    const peopleWith = async (widenAfterMs: number) => {
      const { figures } = await simulateDay({ model: { ...brief, widenAfterMs }, seed: SEED });
      return { counts: classRows(figures).map(({ people }) => people), waits: figures.classes.interests.waits };
    };
    const [soon, late] = [await peopleWith(1_000), await peopleWith(20_000)];
    expect(late.counts).toEqual(soon.counts);
    expect(late.waits.percentile(0.5)).toBeGreaterThan(2 * soon.waits.percentile(0.5));
  });
});

describe("waits", () => {
  it("are short for everybody among many people who are alike", async () => {
    const crowd: Crowd = () => ({ kind: "no filter", wanted: wantedIn("en"), country: "aa", seeksCountry: false });
    const model = { ...brief, hourlyArrivals: [1, 1], people: 4_000, meanChats: 2, unansweredShare: 0 };
    const { figures } = await simulateDay({ model, seed: SEED, crowd });
    const [, busyHour] = figures.hours; // in the first hour, people come into an empty lobby
    expect(busyHour?.waits.count).toBeGreaterThan(4_000);
    expect(busyHour?.waits.percentile(0.5)).toBeLessThan(1_000);
    expect(busyHour?.waits.max).toBeLessThan(10_000);
  });

  it("end with the patience of a person whom nobody fits", async () => {
    const PATIENCE_MS = 45_000;
    const unwanted: Crowd = () => ({
      ...{ kind: "strict filter", country: "aa", seeksCountry: false },
      wanted: { ...wantedIn("en"), attributes: [["mode", ["video"]]], filters: [["mode", ["text"]]] },
    });
    const video: Crowd = () => ({ kind: "no filter", wanted: wantedIn("en"), country: "aa", seeksCountry: false });
    const crowd: Crowd = (random) => (random() < 0.1 ? unwanted : video)(random);
    const model = { ...brief, patienceMs: { median: PATIENCE_MS, sigma: 0 } };
    const { figures } = await simulateDay({ model, seed: SEED, crowd });
    const { people, unmatched, givenUp, longestMs } = figures.classes["strict filter"];
    expect(people).toBeGreaterThan(60);
    expect({ unmatched, givenUp, longestMs }).toEqual({ unmatched: people, givenUp: people, longestMs: PATIENCE_MS });
    expect(figures.classes["no filter"].afterChats).toBeGreaterThan(700);
  });

  it("have the percentiles of a sorted list", async () => {
    const { figures } = await day;
    waits.sort((a, b) => a - b);
    const all = figures.allWaits();
    expect(all.count).toBe(waits.length);
    expect(all.max).toBe(waits.at(-1));
    for (const share of [0.1, 0.5, 0.9, 0.95, 0.99, 0.999]) {
      const exact = waits[Math.ceil(share * waits.length) - 1] ?? NaN;
      expect(Math.abs(all.percentile(share) - exact), String(share)).toBeLessThanOrEqual(exact * MAX_ERROR + 1e-6);
    }
  });
});

it("a histogram keeps its error over all sizes, and is 0 when it is empty", () => {
  expect(new LogHistogram().percentile(0.5)).toBe(0);
  for (let value = 1; value < 1e8; value *= 1.37) {
    const histogram = new LogHistogram();
    for (const one of [value, value, 10 * value]) histogram.observe(one);
    expect(Math.abs(histogram.percentile(0.5) / value - 1)).toBeLessThanOrEqual(MAX_ERROR + 1e-9);
    expect(histogram.percentile(1)).toBeLessThanOrEqual(10 * value);
  }
});

it("the usual crowd has the shares that the model states", () => {
  const random = randomFrom(SEED);
  const people = Array.from({ length: 20_000 }, () => standardCrowd(random));
  const shareOf = (fits: (person: (typeof people)[number]) => boolean) => people.filter(fits).length / people.length;
  expect(shareOf(({ wanted }) => wanted.preferences.languages.length === 0)).toBeCloseTo(0.1, 2);
  expect(shareOf(({ kind }) => kind === "small language")).toBeCloseTo(0.9 * 0.02, 2);
  expect(shareOf(({ wanted }) => wanted.preferences.interests.length > 0)).toBeCloseTo(0.35, 2);
});

/** A person who seeks anybody of its language. */
function wantedIn(language: string) {
  return { preferences: { interests: [], languages: [language], relayOnly: false }, rematch: true };
}
