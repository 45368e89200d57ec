import { expect, it } from "vitest";
import type { Activity } from "../../src/client/types.js";
import { describeWay } from "../../src/demo/way.js";

type Matched = Extract<Activity, { phase: "matched" }>;

function matched(change: Partial<Matched> = {}): Matched {
  return {
    phase: "matched",
    matchId: "m",
    sharedInterests: [],
    profile: null,
    sharedAttributes: {},
    partnerMode: "video",
    mode: "video",
    call: "connected",
    partner: { status: "present" },
    relayOnly: true,
    direct: "nobody",
    signaled: true,
    chatReady: true,
    ...change,
  };
}

it("says nothing before it is known", () => {
  expect(describeWay(matched({ relayOnly: false }), undefined)).toBeNull();
});

it("says that a direct call reveals addresses", () => {
  const way = describeWay(matched({ relayOnly: false }), "direct");
  expect(way).toMatchObject({ path: "direct", choice: null });
  expect(way?.text).toContain("know each other's IP address");
});

it("promises hidden addresses only where they are hidden", () => {
  expect(describeWay(matched(), "relayed")?.text).toContain("hides your IP address");
  const unasked = describeWay(matched({ relayOnly: false }), "relayed");
  expect(unasked).toMatchObject({ path: "relayed", choice: null });
  expect(unasked?.text).toContain("may still be visible");
});

it("offers to ask once the chat is ready, but only once", () => {
  expect(describeWay(matched(), "relayed")?.choice).toBe("ask");
  expect(describeWay(matched({ chatReady: false }), "relayed")?.choice).toBeNull();
  expect(describeWay(matched({ signaled: false }), "relayed")?.choice).toBeNull();
  expect(describeWay(matched({ direct: "me" }), "relayed")?.choice).toBeNull();
});

it("lets the partner who was asked answer", () => {
  expect(describeWay(matched({ direct: "partner" }), "relayed")?.choice).toBe("answer");
});

it("does not claim a direct call before it is connected", () => {
  expect(describeWay(matched({ direct: "both" }), "relayed")).toMatchObject({ path: "relayed", choice: null });
  expect(describeWay(matched({ direct: "both" }), "direct")?.text).toContain("You both agreed");
});
