import { expect, it } from "vitest";
import { summarize } from "../../src/client/call/stats.js";

type Entry = Record<string, unknown> & { id?: string };

function report(...entries: Entry[]): RTCStatsReport {
  return new Map(entries.map((entry) => [entry.id, entry])) as unknown as RTCStatsReport;
}

const video = (more: Entry = {}): Entry => ({
  id: "v",
  type: "inbound-rtp",
  kind: "video",
  timestamp: 1_000,
  bytesReceived: 1_000,
  packetsReceived: 90,
  packetsLost: 10,
  frameWidth: 640,
  frameHeight: 480,
  framesPerSecond: 30,
  framesDecoded: 12,
  ...more,
});
const pair = (more: Entry = {}): Entry => ({
  id: "p",
  type: "candidate-pair",
  currentRoundTripTime: 0.025,
  localCandidateId: "l",
  remoteCandidateId: "r",
  ...more,
});
const candidate = (id: string, candidateType: string): Entry => ({ id, type: "candidate", candidateType });

it("reports nothing for a call that has not begun", () => {
  const { stats } = summarize(report(), undefined);
  expect(stats).toEqual({
    roundTripMs: undefined,
    width: undefined,
    height: undefined,
    framesPerSecond: undefined,
    framesDecoded: 0,
    bitsPerSecond: undefined,
    lossRatio: undefined,
    path: undefined,
  });
});

it("summarizes a running call", () => {
  const transport = { id: "t", type: "transport", selectedCandidatePairId: "p" };
  const ends = [candidate("l", "host"), candidate("r", "srflx")];
  const { stats } = summarize(report(transport, pair(), video(), ...ends), undefined);
  expect(stats).toMatchObject({ roundTripMs: 25, width: 640, framesDecoded: 12, lossRatio: 0.1, path: "direct" });
});

it("measures the bit rate between two calls", () => {
  const first = summarize(report(video()), undefined);
  const second = summarize(report(video({ timestamp: 3_000, bytesReceived: 51_000 })), first.sample);
  expect(second.stats.bitsPerSecond).toBe(200_000);
});

it("does not measure across a new connection", () => {
  const first = summarize(report(video()), undefined);
  const second = summarize(report(video({ timestamp: 3_000, bytesReceived: 10 })), first.sample);
  expect(second.stats.bitsPerSecond).toBeUndefined();
});

it.each([
  ["selected, as in Firefox", { selected: true }],
  ["nominated and succeeded", { nominated: true, state: "succeeded" }],
])("finds the pair that is %s", (_, more) => {
  const ends = [candidate("l", "host"), candidate("r", "relay")];
  expect(summarize(report(pair(more), ...ends), undefined).stats.path).toBe("relayed");
});
