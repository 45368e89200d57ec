import { within } from "./deadline.js";
import type { WayCheck } from "./types.js";

/** Sends data through the relay for this long and up to this much, in milliseconds and bytes. */
const [UPLINK_MS, UPLINK_BYTES] = [1_000, 1_500_000];
/** Size of a message, and how much may wait in the browser, in bytes. */
const [CHUNK_BYTES, BUFFERED_BYTES] = [16_384, 131_072];

export interface RelayCheck extends WayCheck {
  kilobitsPerSecond?: number;
}

/** Connects this browser to itself through a relay, which carries the data out and back in. */
export async function checkRelay(server: RTCIceServer, timeoutMs: number, measures: boolean): Promise<RelayCheck> {
  const configuration: RTCConfiguration = { iceServers: [server], iceTransportPolicy: "relay" };
  const [near, far] = [new RTCPeerConnection(configuration), new RTCPeerConnection(configuration)];
  try {
    const found: RelayCheck = { status: "failed" };
    return await within(connect(near, far, found, measures), timeoutMs, found);
  } finally {
    near.close();
    far.close();
  }
}

/** @param found what is known already when the time is over */
async function connect(
  near: RTCPeerConnection,
  far: RTCPeerConnection,
  found: RelayCheck,
  measures: boolean,
): Promise<RelayCheck> {
  exchangeCandidates(near, far);
  exchangeCandidates(far, near);
  const sending = near.createDataChannel("check");
  const receiving = new Promise<RTCDataChannel>((resolve) => {
    far.addEventListener("datachannel", ({ channel }) => resolve(channel));
  });
  const opened = new Promise((resolve) => sending.addEventListener("open", resolve));
  await near.setLocalDescription();
  await far.setRemoteDescription(descriptionOf(near));
  await far.setLocalDescription();
  await near.setRemoteDescription(descriptionOf(far));
  const [receiver] = await Promise.all([receiving, opened]);
  found.roundTripMs = await echo(sending, receiver);
  found.status = "ok";
  if (measures) found.kilobitsPerSecond = await flood(sending, receiver);
  return found;
}

function exchangeCandidates(from: RTCPeerConnection, to: RTCPeerConnection): void {
  const early: RTCIceCandidate[] = [];
  from.addEventListener("icecandidate", ({ candidate }) => {
    if (!candidate) return;
    if (to.remoteDescription) void to.addIceCandidate(candidate).catch(() => undefined);
    else early.push(candidate);
  });
  to.addEventListener("signalingstatechange", () => {
    if (!to.remoteDescription) return;
    for (const candidate of early.splice(0)) void to.addIceCandidate(candidate).catch(() => undefined);
  });
}

function descriptionOf({ localDescription }: RTCPeerConnection): RTCSessionDescription {
  if (!localDescription) throw new Error("there is no description");
  return localDescription;
}

async function echo(sending: RTCDataChannel, receiver: RTCDataChannel): Promise<number> {
  receiver.addEventListener("message", () => receiver.send("echo"), { once: true });
  const startMs = performance.now();
  const echoed = new Promise((resolve) => sending.addEventListener("message", resolve, { once: true }));
  sending.send("call");
  await echoed;
  return performance.now() - startMs;
}

/** Returns the rate at which data arrived. The data is random, so that nothing on the way can compress it. */
async function flood(sending: RTCDataChannel, receiver: RTCDataChannel): Promise<number> {
  const chunk = crypto.getRandomValues(new Uint8Array(CHUNK_BYTES));
  receiver.binaryType = "arraybuffer";
  let [sent, received] = [0, 0];
  const startMs = performance.now();
  let lastMs = startMs;
  const over = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, UPLINK_MS);
    receiver.addEventListener("message", ({ data }: MessageEvent<ArrayBuffer>) => {
      received += data.byteLength;
      lastMs = performance.now();
      if (received < UPLINK_BYTES) return;
      clearTimeout(timer);
      resolve();
    });
  });
  sending.bufferedAmountLowThreshold = BUFFERED_BYTES / 2;
  const fill = () => {
    while (sent < UPLINK_BYTES && sending.readyState === "open" && sending.bufferedAmount < BUFFERED_BYTES) {
      sending.send(chunk);
      sent += CHUNK_BYTES;
    }
  };
  sending.addEventListener("bufferedamountlow", fill);
  fill();
  await over;
  sending.removeEventListener("bufferedamountlow", fill);
  return Math.round((received * 8) / Math.max(1, lastMs - startMs));
}
