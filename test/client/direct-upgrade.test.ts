import { create, toBinary } from "@bufbuild/protobuf";
import { beforeEach, describe, expect, it } from "vitest";
import { SignalSchema } from "../../src/client/gen/satoshigle/v1/signal_pb.js";
import { DirectUpgrade, parseMessage } from "../../src/client/call/direct-upgrade.js";

/** One end of a channel, which delivers at once to the other. */
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

class NegotiationSide {
  readonly end = new End();
  readonly calls: string[] = [];
  readonly directUpgrade: DirectUpgrade;

  constructor() {
    const connection = { createDataChannel: () => this.end } as unknown as RTCPeerConnection;
    this.directUpgrade = new DirectUpgrade(connection, {
      changed: () => this.calls.push(this.directUpgrade.wish),
      agreed: () => this.calls.push("agreed"),
      directSignal: ({ kind }) => this.calls.push(`signal ${String(kind.case)}`),
    });
  }
}

const signal = create(SignalSchema, { kind: { case: "candidate", value: { candidate: "candidate:1" } } });

let [ann, bob]: [NegotiationSide, NegotiationSide] = [new NegotiationSide(), new NegotiationSide()];
beforeEach(() => {
  [ann, bob] = [new NegotiationSide(), new NegotiationSide()];
  [ann.end.other, bob.end.other] = [bob.end, ann.end];
});

it("agrees when one side asks and the other agrees", () => {
  ann.directUpgrade.ask();
  expect([ann.directUpgrade.wish, bob.directUpgrade.wish]).toEqual(["me", "partner"]);
  bob.directUpgrade.ask();
  expect(ann.calls).toEqual(["me", "both", "agreed"]);
  expect(bob.calls).toEqual(["partner", "both", "agreed"]);
});

it("agrees when both ask at the same moment", () => {
  [ann.end.other, bob.end.other] = [undefined, undefined];
  ann.directUpgrade.ask();
  bob.directUpgrade.ask();
  ann.end.onmessage?.({ data: bob.end.sent[0] });
  bob.end.onmessage?.({ data: ann.end.sent[0] });
  expect([ann.directUpgrade.wish, bob.directUpgrade.wish]).toEqual(["both", "both"]);
});

it("accepts a refusal, and allows another request", () => {
  ann.directUpgrade.ask();
  bob.directUpgrade.decline();
  expect([ann.directUpgrade.wish, bob.directUpgrade.wish]).toEqual(["nobody", "nobody"]);
  ann.directUpgrade.ask();
  expect(bob.directUpgrade.wish).toBe("partner");
});

it("sends and accepts no signals before both agree", () => {
  ann.directUpgrade.ask();
  ann.directUpgrade.send(signal);
  expect(ann.end.sent).toHaveLength(1);
  bob.end.onmessage?.({ data: toBinary(SignalSchema, signal).slice().buffer });
  expect(bob.calls).toEqual(["partner"]);
  bob.directUpgrade.ask();
  ann.directUpgrade.send(signal);
  expect(bob.calls.at(-1)).toBe("signal candidate");
});

it("does not agree because the partner asks twice", () => {
  ann.end.onmessage?.({ data: "direct?" });
  ann.end.onmessage?.({ data: "direct?" });
  expect(ann.directUpgrade.wish).toBe("partner");
});

it("ignores a partner who asks too often", () => {
  for (let i = 0; i < 50; i++) {
    ann.end.onmessage?.({ data: "direct?" });
    ann.directUpgrade.decline();
  }
  expect(ann.calls.length).toBeLessThan(50);
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
    ["bytes that are not a signal", new Uint8Array([255, 255]).buffer],
    ["a flood", new ArrayBuffer(100_000)],
  ])("is dropped when it is %s", (_, data) => {
    expect(parseMessage(data)).toBeUndefined();
  });
});

it("reads a limited part of a flood, whatever it contains", () => {
  ann.directUpgrade.ask();
  bob.directUpgrade.ask();
  const data = toBinary(SignalSchema, signal).slice().buffer;
  for (let count = 0; count < 1_000; count++) ann.end.onmessage?.({ data });
  const signals = ann.calls.filter((one) => one.startsWith("signal")).length;
  expect(signals).toBeGreaterThan(150);
  expect(signals).toBeLessThan(300);
});
