import { beforeEach, expect, it } from "vitest";
import { Role } from "../../src/client/gen/satoshigle/v1/signal_pb.js";
import { createConnectionId } from "../../src/client/call/connection-id.js";
import { IceServers } from "../../src/client/call/ice-servers.js";
import { PeerSource } from "../../src/client/call/peer-source.js";
import { descriptionSignal, fromDescription } from "../../src/client/call/signals.js";
import { FakePeerConnection, stubPeerConnection } from "./fake-peer-connection.js";
import { pass } from "./scripted-server.js";
import { deliver, NegotiationSide, states } from "./negotiation-side.js";
import { useFakeClock } from "./client-harness.js";

useFakeClock();

let ann: NegotiationSide;
let bob: NegotiationSide;
beforeEach(() => {
  stubPeerConnection();
  ann = new NegotiationSide(Role.OFFERER);
  bob = new NegotiationSide(Role.ANSWERER);
});

/** Both have each other's description; Ann offered. */
async function connect(): Promise<void> {
  await ann.act(() => ann.negotiation.startOver());
  await deliver(ann, bob);
  await deliver(bob, ann);
}

it("connects", async () => {
  await connect();
  expect([states(ann), states(bob)]).toEqual([["stable"], ["stable"]]);
});

it("sends the description before its candidates, and no candidates that it contains", async () => {
  await ann.act(() => ann.negotiation.startOver());
  ann.connection.find("10.0.0.1");
  expect(ann.words()).toEqual(["offer", "10.0.0.1"]);
  const peer = ann.peerSource.create(false, createConnectionId());
  await peer.offer();
  FakePeerConnection.all.at(-1)?.find("10.0.0.2");
  ann.sent.length = 0;
  ann.negotiation.adopt(peer, false);
  FakePeerConnection.all.at(-1)?.find("10.0.0.3");
  expect(ann.words()).toEqual(["offer", "10.0.0.3"]);
});

it("does not send an offer that the partner has already", async () => {
  const peer = ann.peerSource.create(false, createConnectionId());
  await peer.offer();
  peer.publish();
  FakePeerConnection.all.at(-1)?.find("10.0.0.1");
  ann.negotiation.adopt(peer, true);
  expect(ann.words()).toEqual(["10.0.0.1", "done"]);
});

it("answers a repeated offer with the same answer", async () => {
  await ann.act(() => ann.negotiation.startOver());
  const offer = ann.sent.splice(0);
  await deliver(ann, bob, offer);
  await deliver(ann, bob, offer);
  expect(bob.words()).toEqual(["answer", "answer"]);
  expect(bob.sent[0]).toEqual(bob.sent[1]);
  await deliver(bob, ann);
  expect([states(ann), states(bob)]).toEqual([["stable"], ["stable"]]);
});

it("keeps the offerer's offer when two cross", async () => {
  await ann.act(() => ann.negotiation.startOver());
  await bob.act(() => bob.negotiation.startOver());
  bob.connection.find("10.0.0.9");
  const crossing = bob.sent.splice(0);
  await deliver(ann, bob);
  await deliver(bob, ann, crossing);
  expect(ann.words()).toEqual([]);
  await deliver(bob, ann);
  expect([states(ann), states(bob)]).toEqual([["stable"], ["closed", "stable"]]);
  expect(ann.connection.added).toEqual([]);
});

it("keeps the offerer's restart when two cross, on the same connections", async () => {
  await connect();
  await ann.act(() => ann.negotiation.restart(1));
  await bob.act(() => bob.negotiation.restart(1));
  const crossing = bob.sent.splice(0);
  await deliver(ann, bob);
  await deliver(bob, ann, crossing);
  await deliver(bob, ann);
  expect([states(ann), states(bob)]).toEqual([["stable"], ["stable"]]);
});

it.each(["offerer", "answerer"])("creates a new connection for a partner who reloaded, as the %s", async (role) => {
  await connect();
  const [stays, reloads] = role === "offerer" ? [ann, bob] : [bob, ann];
  const fresh = new NegotiationSide(role === "offerer" ? Role.ANSWERER : Role.OFFERER);
  await fresh.act(() => fresh.negotiation.startOver());
  await deliver(fresh, stays);
  await deliver(stays, fresh);
  expect(states(stays)).toEqual(["closed", "stable"]);
  expect(states(fresh)).toEqual(["stable"]);
  expect(reloads.connections).toHaveLength(1);
});

it("connects when both reloaded", async () => {
  await ann.act(() => ann.negotiation.startOver());
  await bob.act(() => bob.negotiation.startOver());
  const [fromAnn, fromBob] = [ann.sent.splice(0), bob.sent.splice(0)];
  await deliver(bob, ann, fromBob);
  await deliver(ann, bob, fromAnn);
  await deliver(bob, ann);
  expect([ann.connection.signalingState, bob.connection.signalingState]).toEqual(["stable", "stable"]);
  expect(ann.connection.remoteDescription?.sdp).toBe(bob.connection.localDescription?.sdp);
});

it("ignores the answer to an offer that it has replaced", async () => {
  const unsuited = ann.peerSource.create(false, createConnectionId());
  await unsuited.offer();
  await deliver(ann, bob, [descriptionSignal(unsuited.publish())]);
  await ann.act(() => ann.negotiation.replaceOffer(unsuited));
  await deliver(bob, ann);
  expect(states(ann)).toEqual(["have-local-offer"]);
  await deliver(ann, bob);
  await deliver(bob, ann);
  expect(states(ann)).toEqual(["stable"]);
  expect(ann.connection.remoteDescription?.sdp).toBe(bob.connection.localDescription?.sdp);
});

it("ignores candidates of another generation", async () => {
  await connect();
  bob.connection.find("10.0.0.1");
  const late = bob.sent.splice(0);
  await bob.act(() => bob.negotiation.restart(1));
  bob.connection.find("10.0.0.2");
  await deliver(bob, ann);
  await deliver(bob, ann, late);
  expect(ann.connection.added).toEqual(["10.0.0.2"]);
});

it("repeats an unanswered offer while the partner is reachable", async () => {
  await ann.act(() => ann.negotiation.startOver());
  const [offer] = ann.sent.splice(0);
  ann.reachable = false;
  await pass(5_000);
  expect(ann.sent).toEqual([]);
  ann.reachable = true;
  await pass(5_000);
  expect(ann.sent).toEqual([offer]);
  await pass(120_000);
  expect(ann.words()).toEqual(["offer", "offer", "offer"]);
});

it("creates a new connection when restarts do not help", async () => {
  await connect();
  await ann.act(() => ann.negotiation.restart(1));
  await deliver(ann, bob);
  await deliver(bob, ann);
  await ann.act(() => ann.negotiation.restart(3));
  await deliver(ann, bob);
  await deliver(bob, ann);
  expect([states(ann), states(bob)]).toEqual([
    ["closed", "stable"],
    ["closed", "stable"],
  ]);
});

it("gives up when the partner's descriptions are not usable", async () => {
  for (let i = 0; i < 20; i++) {
    const nonsense = descriptionSignal(fromDescription("offer", "nonsense", `stranger${String(i)}`));
    await bob.act(() => bob.negotiation.receive([nonsense]));
    await pass(10_000);
  }
  expect(bob.failures.length).toBeGreaterThan(0);
  expect(states(bob).filter((state) => state !== "closed")).toHaveLength(1);
});

it("reports that a browser without WebRTC cannot make calls", async () => {
  Reflect.deleteProperty(globalThis, "RTCPeerConnection");
  await ann.act(() => ann.negotiation.startOver());
  expect(ann.failures).toHaveLength(1);
});

it("relays if required", async () => {
  const shy = new NegotiationSide(Role.OFFERER, true);
  await shy.act(() => shy.negotiation.startOver());
  expect(shy.connection.configuration.iceTransportPolicy).toBe("relay");
});

it("sends nothing after it ended", async () => {
  await ann.act(() => ann.negotiation.startOver());
  ann.negotiation.end();
  ann.sent.length = 0;
  await pass(60_000);
  await bob.act(() => bob.negotiation.startOver());
  await deliver(bob, ann);
  expect(ann.sent).toEqual([]);
});

const offer = descriptionSignal(fromDescription("offer", "v=0\r\n", "stranger"));

it.each([
  ["answers no offer", (side: NegotiationSide) => side.negotiation.receive([offer])],
  ["makes no offer", (side: NegotiationSide) => side.negotiation.startOver()],
])("%s when it ended while relay credentials were asked for", async (_, begin) => {
  const ask = () => {
    side.negotiation.end();
    return Promise.resolve([]);
  };
  const ice = new IceServers({ fetch: ask, isWanted: () => true, warn: () => undefined });
  const side: NegotiationSide = new NegotiationSide(Role.OFFERER, false, new PeerSource(ice));
  side.peerSource.ice.welcome([], true);
  await side.act(() => begin(side));
  expect([side.connections, side.sent]).toEqual([[], []]);
});
