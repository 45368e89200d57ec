import { beforeEach, describe, expect, it } from "vitest";
import { Role } from "../../src/client/gen/satoshigle/v1/signal_pb.js";
import { stubPeerConnection } from "./fake-peer-connection.js";
import { deliver, NegotiationSide, states } from "./negotiation-side.js";
import { useFakeClock } from "./client-harness.js";

useFakeClock();

let ann: NegotiationSide;
let bob: NegotiationSide;

describe("going direct", () => {
  beforeEach(async () => {
    stubPeerConnection();
    [ann, bob] = [new NegotiationSide(Role.OFFERER, true), new NegotiationSide(Role.ANSWERER, true)];
    await ann.act(() => ann.negotiation.startOver());
    await deliver(ann, bob);
    await deliver(bob, ann);
    [ann.sent.length, bob.sent.length] = [0, 0];
  });

  const channel = (side: NegotiationSide) => side.connection.channels.get("agreement") ?? { sent: [] };

  /** Delivers the messages of the two over the call until both are silent. */
  async function talk(): Promise<void> {
    for (let lines = 1; lines > 0;) {
      const said = [channel(ann).sent.splice(0), channel(bob).sent.splice(0)];
      const hear = (side: NegotiationSide, data: unknown) =>
        side.act(() => channel(side).onmessage?.({ data: typeof data === "string" ? data : bytesOf(data) }));
      for (const data of said[0] ?? []) await hear(bob, data);
      for (const data of said[1] ?? []) await hear(ann, data);
      lines = said.flat().length;
    }
  }

  const bytesOf = (data: unknown) => (data as Uint8Array).slice().buffer;

  it("requires both sides, and sends nothing to the server", async () => {
    ann.negotiation.peer?.directUpgrade?.ask();
    await talk();
    expect(policies()).toEqual(["relay", "relay"]);
    bob.negotiation.peer?.directUpgrade?.ask();
    await talk();
    expect(policies()).toEqual(["all", "all"]);
    ann.connection.find("192.0.2.11");
    bob.connection.find("192.0.2.12");
    await talk();
    expect([ann.connection.added, bob.connection.added]).toEqual([["192.0.2.12"], ["192.0.2.11"]]);
    expect([states(ann), states(bob)]).toEqual([["stable"], ["stable"]]);
    expect([...ann.words(), ...bob.words()]).toEqual([]);
  });

  it("ends with a restart, after which the call is relayed again", async () => {
    ann.negotiation.peer?.directUpgrade?.ask();
    bob.negotiation.peer?.directUpgrade?.ask();
    await talk();
    await bob.act(() => bob.negotiation.restart(1));
    await deliver(bob, ann);
    await deliver(ann, bob);
    expect([states(ann), states(bob)]).toEqual([
      ["closed", "stable"],
      ["closed", "stable"],
    ]);
    expect(policies()).toEqual(["relay", "relay"]);
  });

  const policies = () => [ann, bob].map((side) => side.connection.configuration.iceTransportPolicy);
});
