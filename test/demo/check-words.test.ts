import { describe, expect, it } from "vitest";
import type { CheckResult } from "@satoshigle/client";
import { describeCheck, describeVerdict } from "../../src/demo/check-words.js";

const none = { status: "unavailable" } as const;
const ok = { status: "ok" } as const;
const failed = { status: "failed" } as const;
const base: CheckResult = {
  verdict: "good",
  server: { status: "ok", roundTripMs: 12.4 },
  ...{ stun: none, turnUdp: none, turnTcp: none, turnTls: none, uplink: none, microphone: none, camera: none },
};
const relaysOf = (result: Partial<CheckResult>) =>
  describeCheck({ ...base, ...result }).find(({ name }) => name === "Relayed calls");

describe("the words of a connection test", () => {
  it("leave out what could not be tested", () => {
    expect(describeCheck(base)).toEqual([{ name: "Server", status: "ok", text: "It answers in 12 ms." }]);
  });

  it.each([
    [{ turnUdp: ok, turnTcp: failed }, "ok"],
    [{ turnUdp: failed, turnTls: ok }, "warning"],
    [{ turnUdp: failed, turnTcp: failed }, "failed"],
  ])("of relays %o: %s", (result, status) => {
    expect(relaysOf(result)?.status).toBe(status);
  });

  it("say how much can be sent, and what to do", () => {
    const lines = describeCheck({ ...base, uplink: { status: "warning", kilobitsPerSecond: 250 }, camera: failed });
    expect(lines.map(({ text }) => text).slice(1)).toEqual([
      "At least 0.3 Mbit/s. Your picture may be blurry.",
      "It sends no picture. Does another program use it?",
    ]);
    expect(describeVerdict({ ...base, verdict: "bad" })).toBe("Calls will not connect from here.");
  });
});
