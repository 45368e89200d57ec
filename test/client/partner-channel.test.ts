import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { PartnerChannel } from "../../src/client/in-call/partner-channel.js";
import type { SatoshigleError } from "../../src/client/index.js";
import { encodeKind, PartnerEnd } from "./partner-end.js";

/** A client's channel, with what it received. */
class Side {
  readonly end = new PartnerEnd();
  readonly received: string[] = [];
  readonly events: string[] = [];
  #channel: PartnerChannel | undefined;

  open(): PartnerChannel {
    return (this.#channel = new PartnerChannel(this.end.connection, {
      ready: () => this.events.push("ready"),
      unsupported: () => this.events.push("unsupported"),
      message: (kind) => this.received.push(kind.case === "data" ? kind.value.topic : String(kind.case)),
    }));
  }

  get channel(): PartnerChannel {
    if (!this.#channel) throw new Error("the channel was not opened");
    return this.#channel;
  }

  /** The partner's client answers, which the test plays. */
  hear(): void {
    this.end.receive({ case: "hello", value: { version: 1, heard: true } });
  }
}

let [ann, bob] = [new Side(), new Side()];
beforeEach(() => {
  vi.useFakeTimers();
  [ann, bob] = [new Side(), new Side()];
  [ann.end.other, bob.end.other] = [bob.end, ann.end];
});
afterEach(() => {
  for (const { end } of [ann, bob]) end.onclose?.();
  vi.useRealTimers();
});

const content = new Uint8Array([1, 2, 3]);
const data = (topic: string) => ({ case: "data", value: { topic, content } }) as const;
const outcome = (promise: Promise<void>) =>
  promise.then(
    () => "sent",
    (error: unknown) => (error as SatoshigleError).code,
  );

it("finds the partner although the first hello came before its channel", async () => {
  ann.open();
  expect(bob.received).toEqual([]);
  bob.open();
  expect([ann.channel.ready, bob.channel.ready]).toEqual([true, true]);
  await ann.channel.sendData("drawing", content);
  bob.channel.send({ case: "typing", value: { active: true } });
  expect([bob.received, ann.received]).toEqual([["drawing"], ["typing"]]);
});

it("sends nothing but a hello to a client that does not answer, and says so", async () => {
  ann.end.other = undefined;
  ann.open();
  const waiting = outcome(ann.channel.sendData("drawing", content));
  ann.channel.send({ case: "typing", value: { active: true } });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await waiting).toBe("not_supported");
  expect(await outcome(ann.channel.sendData("drawing", content))).toBe("not_supported");
  expect(ann.end.sent.map((kind) => kind.case)).toEqual(["hello"]);
  ann.hear();
  expect(await outcome(ann.channel.sendData("drawing", content))).toBe("sent");
});

it("speaks with a newer client, and ignores kinds of messages that it does not know", () => {
  ann.end.other = undefined;
  ann.open();
  ann.end.receive({ case: "hello", value: { version: 7, heard: false } });
  expect(ann.channel.ready).toBe(true);
  expect(ann.end.sentOf("hello").map(({ version, heard }) => [version, heard])).toEqual([
    [1, false],
    [1, true],
  ]);
  ann.end.deliver(new Uint8Array([0xfa, 0x07, 0x00]).buffer); // field 127
  expect(ann.received).toEqual(["undefined"]);
});

it("waits for the partner's credit, and keeps the order", async () => {
  ann.end.other = undefined;
  ann.open();
  ann.hear();
  const outcomes = Array.from({ length: 40 }, (_, at) => outcome(ann.channel.sendData(`t${String(at)}`, content)));
  expect(ann.end.sentOf("data")).toHaveLength(32);
  ann.end.receive({ case: "credit", value: { received: 33 } }); // more than was sent
  expect(ann.end.sentOf("data")).toHaveLength(32);
  ann.end.receive({ case: "credit", value: { received: 8 } });
  expect(ann.end.sentOf("data").map(({ topic }) => topic)).toEqual(outcomes.map((_, at) => `t${String(at)}`));
  expect(new Set(await Promise.all(outcomes))).toEqual(new Set(["sent"]));
});

it("waits for the network, and refuses more than a mebibyte in the queue", async () => {
  ann.end.other = undefined;
  ann.open();
  ann.hear();
  ann.end.bufferedAmount = 70_000;
  const large = new Uint8Array(16_384);
  const outcomes = Array.from({ length: 70 }, () => outcome(ann.channel.sendData("file", large)));
  expect(ann.end.sentOf("data")).toHaveLength(0);
  ann.end.bufferedAmount = 0;
  ann.end.onbufferedamountlow?.();
  ann.end.receive({ case: "credit", value: { received: 32 } });
  const done = await Promise.all(outcomes);
  expect(done.filter((one) => one === "sent")).toHaveLength(63);
  expect(done.filter((one) => one === "limit_reached")).toHaveLength(7);
});

it("takes a steady stream of a correct client whole, at the rate of its credit", async () => {
  ann.open();
  bob.open();
  const outcomes = Array.from({ length: 500 }, (_, at) => outcome(ann.channel.sendData(`t${String(at)}`, content)));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(bob.received.length).toBeLessThan(300);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(new Set(await Promise.all(outcomes))).toEqual(new Set(["sent"]));
  expect(bob.received).toEqual(outcomes.map((_, at) => `t${String(at)}`));
});

it.each([
  ["messages", data("flood")],
  ["typing", { case: "typing", value: { active: true } } as const],
  ["bytes that are no message", undefined],
])("drops a flood of %s, and closes the channel when it goes on", async (_, kind) => {
  ann.end.other = undefined;
  ann.open();
  ann.hear();
  const flood = kind ? encodeKind(kind) : new ArrayBuffer(20_000);
  for (let sent = 0; sent < 500; sent++) ann.end.deliver(flood);
  expect(ann.received.length).toBeLessThan(100);
  expect(ann.channel.ready).toBe(true);
  for (let sent = 0; sent < 1_000; sent++) ann.end.deliver(flood);
  expect(ann.end.readyState).toBe("closed");
  expect(await outcome(ann.channel.sendData("drawing", content))).toBe("match_over");
});

it("ends what waits when the channel closes", async () => {
  ann.open();
  const waiting = outcome(ann.channel.sendData("drawing", content));
  ann.end.readyState = "closed";
  ann.end.onclose?.();
  expect(await waiting).toBe("match_over");
});
