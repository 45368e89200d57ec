import { expect, it, vi } from "vitest";
import { PeerSource } from "../../src/client/call/peer-source.js";
import { FakePeerConnection, stubPeerConnection } from "./fake-peer-connection.js";
import { withoutIceServers } from "./negotiation-side.js";

/** A connection of a browser that knows the state of the ICE agent only. */
class OlderPeerConnection extends FakePeerConnection {
  iceConnectionState: RTCIceConnectionState = "new";
  oniceconnectionstatechange: (() => void) | null = null;

  constructor(configuration: RTCConfiguration) {
    super(configuration);
    Reflect.deleteProperty(this, "connectionState");
  }

  become(state: RTCIceConnectionState): void {
    this.iceConnectionState = state;
    this.oniceconnectionstatechange?.();
  }
}

it("takes the state of the ICE agent where the browser has no state of the connection", () => {
  stubPeerConnection();
  vi.stubGlobal("RTCPeerConnection", OlderPeerConnection);
  const peer = new PeerSource(withoutIceServers()).create(false, "id");
  const seen: string[] = [];
  peer.handlers = { ...peer.handlers, changed: () => seen.push(peer.state) };
  const connection = FakePeerConnection.all[0] as OlderPeerConnection;
  for (const state of ["checking", "connected", "completed", "disconnected", "failed", "closed"] as const) {
    connection.become(state);
  }
  expect(seen).toEqual(["connecting", "connected", "connected", "disconnected", "failed", "closed"]);
});

it("does not hear about a change twice where the browser has both", () => {
  stubPeerConnection();
  const peer = new PeerSource(withoutIceServers()).create(false, "id");
  expect([peer.state, FakePeerConnection.all[0]]).not.toHaveProperty("[1].oniceconnectionstatechange");
});
