import { beforeEach, expect, it } from "vitest";
import { Role } from "../../src/client/gen/satoshigle/v1/signal_pb.js";
import { stubPeerConnection } from "./fake-peer-connection.js";
import { deliver, NegotiationSide } from "./negotiation-side.js";
import { ScriptedServer, settle } from "./scripted-server.js";
import { ClientHarness, useFakeClock } from "./client-harness.js";

useFakeClock();
beforeEach(stubPeerConnection);

const nothing = { audio: false, video: false };
const everything = { audio: true, video: true };

/** Sets what a side wants to receive, as the client does. */
async function want(side: NegotiationSide, receiving: typeof nothing): Promise<void> {
  await side.act(() => {
    side.peerSource.receiving = receiving;
    side.negotiation.peer?.setReceiving(receiving);
    side.negotiation.renegotiate();
  });
}

async function connected(): Promise<[NegotiationSide, NegotiationSide]> {
  const [ann, bob] = [new NegotiationSide(Role.OFFERER), new NegotiationSide(Role.ANSWERER)];
  await ann.act(() => ann.negotiation.startOver());
  await deliver(ann, bob);
  await deliver(bob, ann);
  return [ann, bob];
}

it("offers to send alone when nothing is to be received", async () => {
  const side = new NegotiationSide(Role.OFFERER);
  side.peerSource.receiving = { audio: true, video: false };
  await side.act(() => side.negotiation.startOver());
  expect(side.connection.directions).toEqual({ audio: "sendrecv", video: "sendonly" });
});

it("renegotiates a running call on the same connection, without a restart of ICE", async () => {
  const [ann, bob] = await connected();
  const { fragment } = ann.connection;
  await want(ann, nothing);
  expect(ann.words()).toEqual(["offer"]);
  expect(ann.connection.directions).toEqual({ audio: "sendonly", video: "sendonly" });
  await deliver(ann, bob);
  await deliver(bob, ann);
  expect([ann.words(), bob.words()]).toEqual([[], []]);
  expect([ann.connections.length, bob.connections.length, ann.connection.fragment]).toEqual([1, 1, fragment]);
});

it("offers nothing when nothing changed", async () => {
  const [ann] = await connected();
  await want(ann, everything);
  await want(ann, { ...everything });
  expect(ann.words()).toEqual([]);
});

it("offers the latest wish once the unanswered offer is answered", async () => {
  const [ann, bob] = await connected();
  await want(ann, nothing);
  await want(ann, { audio: true, video: false });
  await want(ann, everything);
  expect(ann.words()).toEqual(["offer"]);
  await deliver(ann, bob);
  await deliver(bob, ann);
  expect(ann.words()).toEqual(["offer"]);
  expect(ann.connection.directions).toEqual({ audio: "sendrecv", video: "sendrecv" });
  await deliver(ann, bob);
  await deliver(bob, ann);
  expect(ann.words()).toEqual([]);
});

it("is answered for both when both change their wish at the same time", async () => {
  const [ann, bob] = await connected();
  await want(ann, nothing);
  await want(bob, nothing);
  const [fromAnn, fromBob] = [ann.sent.splice(0), bob.sent.splice(0)];
  await deliver(bob, ann, fromBob);
  await deliver(ann, bob, fromAnn);
  expect([ann.words(), bob.words()]).toEqual([[], ["answer"]]);
  await deliver(bob, ann);
  expect([ann.words(), bob.words()]).toEqual([[], []]);
  expect(bob.negotiation.peer?.outdated).toBe(false);
});

it("is an offer of its own that replaces the one that was prepared for another wish", async () => {
  const server = new ScriptedServer();
  const { client } = await ClientHarness.arrive(server);
  await client.setMedia(new MediaStream());
  await settle();
  client.setReceiving(nothing);
  void client.start();
  await settle();
  await settle();
  expect(server.matches).toHaveLength(1);
  expect(server.matches[0]?.offer?.sdp).toContain("u1g0");
});
