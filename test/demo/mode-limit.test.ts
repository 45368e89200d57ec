import { describe, expect, it } from "vitest";
import type { Activity, State } from "../../src/client/types.js";
import { explainLimit, isTextSession } from "../../src/demo/mode-limit.js";

const idle: Activity = { phase: "idle" };
const matched = (mode: string) => ({ phase: "matched", mode }) as Activity;

function state(modeLimit: string, activity: Activity): State {
  return { connection: { status: "online" }, activity, tips: null, attributes: [], modeLimit };
}

const session = "This session is text only: camera and microphone cannot be used.";
const text = "This call is text only. Camera and microphone count from your next partner on.";
const audio = "You send sound only in this call. Your camera counts from your next partner on.";

describe("what camera and microphone have no effect on", () => {
  it.each([
    ["", idle, ""],
    ["", matched("video"), ""],
    ["", matched("audio"), audio],
    ["", matched("text"), text],
    ["text", idle, session],
    ["text", matched("video"), session],
    ["text", matched("text"), session],
  ])("with the limit %j is explained", (modeLimit, activity, words) => {
    expect(explainLimit(state(modeLimit, activity))).toBe(words);
    expect(isTextSession({ modeLimit })).toBe(modeLimit === "text");
  });
});
