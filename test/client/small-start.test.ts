import { beforeEach, expect, it, vi } from "vitest";
import { scaleFor } from "../../src/client/call/sender-encodings.js";
import { SmallStart } from "../../src/client/call/small-start.js";

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

/** A sender of the camera, as browsers have it, and the factors that were set. */
function senderOf(height: number | undefined, encodings: RTCRtpEncodingParameters[] = [{}]) {
  const factors: (number | undefined)[] = [];
  const sender = {
    track: { getSettings: () => ({ height }) },
    getParameters: () => ({ encodings: encodings.map((encoding) => ({ ...encoding })) }),
    setParameters: (parameters: RTCRtpSendParameters) => {
      factors.push(parameters.encodings[0]?.scaleResolutionDownBy);
      return Promise.resolve();
    },
  };
  return { sender: sender as unknown as RTCRtpSender, factors };
}

it.each([
  ["a camera of 720 pixels", 720, 4],
  ["a camera whose height is not known yet", undefined, 4],
  ["a camera that is smaller than the first pictures", 120, 1],
])("scales %s down, and sends its full size one second after the call is connected", async (_name, height, factor) => {
  const { sender, factors } = senderOf(height);
  const small = new SmallStart();
  await small.add(sender);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(factors).toEqual([factor]);
  small.connected();
  await vi.advanceTimersByTimeAsync(999);
  small.connected();
  expect(factors).toEqual([factor]);
  await vi.advanceTimersByTimeAsync(1);
  expect(factors).toEqual([factor, 1]);
});

it("starts only the first connection small", async () => {
  const small = new SmallStart();
  small.connected();
  await vi.advanceTimersByTimeAsync(1_000);
  const { sender, factors } = senderOf(720);
  await small.add(sender);
  expect(factors).toEqual([]);
});

it("starts small again when the paths change, for longer", async () => {
  const { sender, factors } = senderOf(720);
  const small = new SmallStart();
  await small.add(sender);
  small.connected();
  await vi.advanceTimersByTimeAsync(1_000);
  small.again();
  await vi.advanceTimersByTimeAsync(5_999);
  small.connected();
  expect(factors).toEqual([4, 1, 4]);
  await vi.advanceTimersByTimeAsync(1);
  expect(factors).toEqual([4, 1, 4, 1]);
});

it("does not enlarge a picture that is reduced for a thin line", async () => {
  const { sender, factors } = senderOf(720);
  const small = new SmallStart();
  await small.add(sender);
  expect(scaleFor(sender, "line", 2)).toBe(4);
  small.connected();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(factors).toEqual([4, 2]);
  expect(scaleFor(sender, "line", 1)).toBe(1);
});

it("leaves a closed connection alone", async () => {
  const { sender, factors } = senderOf(720);
  const small = new SmallStart();
  await small.add(sender);
  small.connected();
  small.close();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(factors).toEqual([4]);
});

it("sends the full size in browsers that have no encodings before the negotiation, or no parameters at all", async () => {
  const { sender, factors } = senderOf(720, []);
  await new SmallStart().add(sender);
  await new SmallStart().add({ track: null } as RTCRtpSender);
  expect(factors).toEqual([]);
});
