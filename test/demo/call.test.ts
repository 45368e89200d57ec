import { describe, expect, it } from "vitest";
import type { CallStats } from "../../src/client/types.js";
import { chooseFit } from "../../src/demo/fit.js";
import { commandOf, type KeyPress } from "../../src/demo/keys.js";
import { pictureMoves, rate } from "../../src/demo/quality.js";
import { findReportable } from "../../src/demo/reportable.js";

const good: CallStats = {
  roundTripMs: 40,
  width: 1280,
  height: 720,
  framesPerSecond: 29.97,
  framesDecoded: 100,
  bitsPerSecond: 1_234_567,
  lossRatio: 0,
  path: "direct",
};

describe("the quality", () => {
  it("is not judged before it is known", () => {
    expect(rate(null)).toMatchObject({ bars: 0, word: "Measuring" });
    expect(rate({ ...good, roundTripMs: undefined }).bars).toBe(0);
  });

  it("is excellent for a short round trip without loss, with the figures", () => {
    expect(rate(good)).toMatchObject({ bars: 4, word: "Excellent" });
    expect(rate(good).facts).toContain("\u20661280 × 720\u2069, 30 frames/s");
  });

  it("is as bad as its worst part", () => {
    expect(rate({ ...good, lossRatio: 0.2 }).word).toBe("Poor");
    expect(rate({ ...good, roundTripMs: 300 }).word).toBe("Fair");
  });

  it("names a relayed call", () => {
    expect(rate({ ...good, path: "relayed" }).facts.at(-1)).toBe("through a relay");
  });

  it("notices a frozen video", () => {
    expect(pictureMoves(good, good)).toBe(false);
    expect(pictureMoves(good, { ...good, framesDecoded: 130 })).toBe(true);
    expect(pictureMoves(null, good)).toBeNull();
  });
});

describe("keys", () => {
  const press = (key: string, change: Partial<KeyPress> = {}): KeyPress => ({
    key,
    repeat: false,
    modified: false,
    taken: "none",
    dialogOpen: false,
    ...change,
  });

  it("start, skip and stop", () => {
    expect(commandOf(press(" "), "idle")).toBe("start");
    expect(commandOf(press("Enter"), "idle")).toBe("start");
    expect(commandOf(press("ArrowRight"), "connected")).toBe("next");
    expect(commandOf(press("Escape"), "waiting")).toBe("stop");
  });

  it("do nothing while the user types or a dialog is open", () => {
    expect(commandOf(press("ArrowRight", { taken: "field" }), "connected")).toBeNull();
    expect(commandOf(press("Escape", { dialogOpen: true }), "connected")).toBeNull();
  });

  it("leave Space to a focused button", () => {
    expect(commandOf(press(" ", { taken: "button" }), "idle")).toBeNull();
  });

  it("never skip a second partner because a key is held down", () => {
    expect(commandOf(press("ArrowRight", { repeat: true }), "connected")).toBeNull();
  });

  it("belong to the browser together with Alt or Ctrl", () => {
    expect(commandOf(press("ArrowRight", { modified: true }), "connected")).toBeNull();
  });
});

describe("a picture", () => {
  const broad = { width: 1280, height: 720 };
  const upright = { width: 720, height: 1280 };

  it("fills its place when little is cut off", () => {
    expect(chooseFit(broad, { width: 1000, height: 740 })).toBe("fill");
    expect(chooseFit(upright, { width: 390, height: 844 })).toBe("fill");
  });

  it("gets room around it when much would be cut off", () => {
    expect(chooseFit(broad, { width: 390, height: 844 })).toBe("wide");
    expect(chooseFit(upright, { width: 1000, height: 740 })).toBe("tall");
  });

  it("fills its place before its size is known", () => {
    expect(chooseFit({ width: 0, height: 0 }, { width: 390, height: 844 })).toBe("fill");
  });
});

describe("a report", () => {
  const end = { matchId: "old", reason: "partner_left", atMs: 0 } as const;

  it("is about the last partner for ten minutes", () => {
    expect(findReportable({ phase: "idle" }, end, 599_000)).toBe("old");
    expect(findReportable({ phase: "idle" }, end, 600_000)).toBeNull();
  });

  it("is not asked for twice", () => {
    expect(findReportable({ phase: "idle" }, { ...end, reason: "reported" }, 1)).toBeNull();
  });
});
