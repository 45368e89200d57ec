import fc from "fast-check";
import { expect, it } from "vitest";
import type { LineSample } from "../../src/client/in-call/line-sample.js";
import { PicturePlan } from "../../src/client/in-call/picture-plan.js";
import { assess, QualityTracker } from "../../src/client/in-call/quality.js";

const CLEAR: LineSample = {
  sentLoss: 0,
  sentSoundLoss: 0,
  receivedLoss: 0,
  roundTripMs: 50,
  sendableBps: 2_000_000,
  isBusy: false,
  isRelayed: false,
};

it.each([
  ["nothing", {}, "good", null],
  ["loss of what is sent", { sentLoss: 0.1 }, "poor", "mine"],
  ["loss of what is received", { receivedLoss: 0.05 }, "fair", "theirs"],
  ["loss both ways through a relay", { sentLoss: 0.1, receivedLoss: 0.1, isRelayed: true }, "poor", "relay"],
  ["a slow processor", { isBusy: true }, "fair", "mine"],
  ["a long way", { roundTripMs: 700 }, "poor", null],
])("finds the cause of %s", (_, change, level, cause) => {
  expect(assess({ ...CLEAR, ...change })).toEqual({ level, cause });
});

it("changes the level after two worse samples, and back after four better ones", () => {
  const tracker = new QualityTracker();
  const [bad, good] = [assess({ ...CLEAR, sentLoss: 0.1 }), assess(CLEAR)];
  const levels = [bad, good, bad, bad, good, good, good, bad, good, good, good, good].map((sample) => {
    tracker.add(sample);
    return tracker.current.level;
  });
  expect(levels.map((level) => level.charAt(0)).join("")).toBe("gggpppppppp" + "g");
});

const sample = fc.record({
  sentSoundLoss: fc.constantFrom(undefined, 0, 0.2),
  sendableBps: fc.constantFrom(undefined, 30_000, 90_000, 160_000, 2_000_000),
  roundTripMs: fc.constantFrom(undefined, 50, 2_000),
});

it("never steps twice in a row, never up by more than a step, and ends with the whole picture on a clear line", () => {
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 80 }), (samples) => {
      const plan = new PicturePlan();
      let [before, movedBefore] = [plan.step, false];
      for (const one of samples) {
        const moved = plan.add({ ...CLEAR, ...one });
        expect(moved && movedBefore).toBe(false);
        if (plan.step.floorBps > before.floorBps) expect(plan.step.scale).toBeLessThanOrEqual(before.scale);
        [before, movedBefore] = [plan.step, moved];
      }
      for (let at = 0; at < 200; at++) plan.add(CLEAR);
      expect(plan.state).toBe("full");
    }),
  );
});

it("pauses the picture at once when only the sound fits, and tries again ever more rarely", () => {
  const plan = new PicturePlan();
  const isPaused = () => plan.state === "paused";
  for (let at = 0; at < 7; at++) plan.add({ ...CLEAR, sendableBps: 60_000 });
  expect(plan.state).toBe("paused");
  const waits: number[] = [];
  for (let attempt = 0; attempt < 3; attempt++) {
    let wait = 0;
    while (isPaused()) {
      plan.add({ ...CLEAR, sendableBps: 60_000 });
      wait++;
    }
    waits.push(wait);
    while (!isPaused()) plan.add({ ...CLEAR, sendableBps: 60_000, sentSoundLoss: 0.2 });
  }
  expect(waits).toEqual([5, 10, 20]);
});
