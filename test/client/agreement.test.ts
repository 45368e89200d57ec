import { create, toBinary } from "@bufbuild/protobuf";
import { beforeEach, describe, expect, it } from "vitest";
import { SignalSchema } from "../../src/client/gen/satoshigle/v1/signal_pb.js";
import { DirectUpgrade, parseMessage } from "../../src/client/call/direct-upgrade.js";

/** One end of a channel; what is sent arrives at the other at once. */
class End {
  readyState = "open";
  binaryType = "";
  onmessage: ((event: { data: unknown }) => void) | null = null;
  readonly sent: unknown[] = [];
  other: End | undefined;

  send(data: string | Uint8Array): void {
    const arrived = typeof data === "string" ? data : data.slice().buffer;
    this.sent.push(arrived);
    this.other?.onmessage?.({ data: arrived });
  }
}

class Side {
  readonly end = new End();
  readonly told: string[] = [];
  readonly directUpgrade: DirectUpgrade;

  constructor() {
    const connection = { createDataChannel: () => this.end } as unknown as RTCPeerConnection;
    this.directUpgrade = new DirectUpgrade(connection, {
      changed: () => this.told.push(this.directUpgrade.wish),
      agreed: () => this.told.push("agreed"),
      directSignal: ({ kind }) => this.told.push(`signal ${String(kind.case)}`),
    });
  }
}

const signal = create(SignalSchema, { kind: { case: "candidate", value: { candidate: "candidate:1" } } });

let [ann, bob]: [Side, Side] = [new Side(), new Side()];
beforeEach(() => {
  [ann, bob] = [new Side(), new Side()];
  [ann.end.other, bob.end.other] = [bob.end, ann.end];
});

it("agrees when one asks and the other wants it, too", () => {
  ann.directUpgrade.ask();
  expect([ann.directUpgrade.wish, bob.directUpgrade.wish]).toEqual(["me", "partner"]);
  bob.directUpgrade.ask();
  expect(ann.told).toEqual(["me", "both", "agreed"]);
  expect(bob.told).toEqual(["partner", "both", "agreed"]);
});

it("agrees when both ask at the same moment", () => {
  [ann.end.other, bob.end.other] = [undefined, undefined];
  ann.directUpgrade.ask();
  bob.directUpgrade.ask();
  ann.end.onmessage?.({ data: bob.end.sent[0] });
  bob.end.onmessage?.({ data: ann.end.sent[0] });
  expect([ann.directUpgrade.wish, bob.directUpgrade.wish]).toEqual(["both", "both"]);
});

it("takes no for an answer, and lets ask again", () => {
  ann.directUpgrade.ask();
  bob.directUpgrade.decline();
  expect([ann.directUpgrade.wish, bob.directUpgrade.wish]).toEqual(["nobody", "nobody"]);
  ann.directUpgrade.ask();
  expect(bob.directUpgrade.wish).toBe("partner");
});

it("shows nothing and looks at nothing before both agree", () => {
  ann.directUpgrade.ask();
  ann.directUpgrade.send(signal);
  expect(ann.end.sent).toHaveLength(1);
  bob.end.onmessage?.({ data: toBinary(SignalSchema, signal).slice().buffer });
  expect(bob.told).toEqual(["partner"]);
  bob.directUpgrade.ask();
  ann.directUpgrade.send(signal);
  expect(bob.told.at(-1)).toBe("signal candidate");
});

it("does not agree because the partner says so twice", () => {
  ann.end.onmessage?.({ data: "direct?" });
  ann.end.onmessage?.({ data: "direct?" });
  expect(ann.directUpgrade.wish).toBe("partner");
});

it("stops listening to one who asks and asks", () => {
  for (let i = 0; i < 50; i++) {
    ann.end.onmessage?.({ data: "direct?" });
    ann.directUpgrade.decline();
  }
  expect(ann.told.length).toBeLessThan(50);
});

it("does nothing on a channel that is not open", () => {
  ann.end.readyState = "connecting";
  ann.directUpgrade.ask();
  expect([ann.directUpgrade.wish, ann.end.sent]).toEqual(["nobody", []]);
});

describe("a message", () => {
  it.each([
    ["other words", "hello"],
    ["a number", 7],
    ["bytes that are no signal", new Uint8Array([255, 255]).buffer],
    ["a flood", new ArrayBuffer(100_000)],
  ])("is dropped when it is %s", (_, data) => {
    expect(parseMessage(data)).toBeUndefined();
  });
});

it("reads only so much of a flood, whatever it says", () => {
  ann.directUpgrade.ask();
  bob.directUpgrade.ask();
  const data = toBinary(SignalSchema, signal).slice().buffer;
  for (let count = 0; count < 1_000; count++) ann.end.onmessage?.({ data });
  const signals = ann.told.filter((one) => one.startsWith("signal")).length;
  expect(signals).toBeGreaterThan(150);
  expect(signals).toBeLessThan(300);
});
