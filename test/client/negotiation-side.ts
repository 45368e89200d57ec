import { Description_Type, type Role, type Signal } from "../../src/client/gen/satoshigle/v1/signal_pb.js";
import { Negotiation } from "../../src/client/call/negotiation.js";
import { IceServers } from "../../src/client/call/ice-servers.js";
import { PeerSource } from "../../src/client/call/peer-source.js";
import { FakePeerConnection } from "./fake-peer-connection.js";
import { settle } from "./scripted-server.js";

export function withoutIceServers(): IceServers {
  return new IceServers({ fetch: () => Promise.resolve([]), isWanted: () => false, warn: () => undefined });
}

/** One browser of a match. The test delivers what it sends. */
export class NegotiationSide {
  readonly sent: Signal[] = [];
  readonly failures: unknown[] = [];
  reachable = true;
  readonly negotiation: Negotiation;

  constructor(
    role: Role,
    relayOnly = false,
    readonly peerSource = new PeerSource(withoutIceServers()),
  ) {
    this.negotiation = new Negotiation({
      role,
      relayOnly,
      peerSource,
      takePrepared: () => undefined,
      send: (signal) => this.sent.push(signal),
      reachable: () => this.reachable,
      handlers: {
        changed: () => undefined,
        partnerStream: () => undefined,
        message: () => undefined,
        failed: (error) => this.failures.push(error),
      },
    });
  }

  /** Its connections, oldest first. */
  get connections(): FakePeerConnection[] {
    return FakePeerConnection.all.filter((one) => this.#made.has(one));
  }
  readonly #made = new Set<FakePeerConnection>();

  /** Runs `step`, and records the connections that it creates. */
  async act(step: () => void): Promise<void> {
    const before = FakePeerConnection.all.length;
    step();
    await settle();
    for (const one of FakePeerConnection.all.slice(before)) this.#made.add(one);
  }

  /** Its newest connection. */
  get connection(): FakePeerConnection {
    const connection = this.connections.at(-1);
    if (!connection) throw new Error("no connection was made");
    return connection;
  }

  /** Everything sent and not delivered yet, as words. */
  words(): string[] {
    return this.sent.map(({ kind }) => {
      if (kind.case === "description") return kind.value.type === Description_Type.OFFER ? "offer" : "answer";
      return kind.case === "candidate" ? (kind.value.candidate.split(" ")[4] ?? "") : "done";
    });
  }
}

export async function deliver(
  from: NegotiationSide,
  to: NegotiationSide,
  signals = from.sent.splice(0),
): Promise<void> {
  await to.act(() => to.negotiation.receive(signals));
}

export const states = (side: NegotiationSide): RTCSignalingState[] =>
  side.connections.map((connection) => connection.signalingState);
