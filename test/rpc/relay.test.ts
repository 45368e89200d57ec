import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Description_Type, IceTransportPolicy } from "../../gen/satoshigle/v1/signal_pb.js";
import { roomy, uniqueInterest } from "../support/pair.js";
import { Person, transportTo } from "../support/person.js";
import { sdp } from "../support/sdp.js";
import { startServer, type TestServer } from "../support/server.js";

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ ...roomy, TURN_URLS: "turn:turn.example.com", TURN_SECRET: "north" });
});
afterAll(() => server.close());

const own = "candidate:1 1 udp 2 192.0.2.7 4000 typ host";
const relayed = "candidate:2 1 udp 1 198.51.100.1 5000 typ relay raddr 192.0.2.7 rport 4000";
const blanked = "candidate:2 1 udp 1 198.51.100.1 5000 typ relay raddr 0.0.0.0 rport 0";

describe("a call that one side wants relayed", () => {
  it("shows the partner no address but the relay's, in offers and in signals", async () => {
    const [waiter, seeker] = await Promise.all([1, 2].map(() => Person.open(transportTo(server.url))));
    if (waiter === undefined || seeker === undefined) throw new Error("nobody came");
    const interests = [uniqueInterest()];
    await waiter.match({ preferences: { interests } });
    const offer = { type: Description_Type.OFFER, sdp: sdp(`a=${own}`, `a=${relayed}`) };
    await seeker.match({ preferences: { interests, relayOnly: true }, offer });

    const matched = await waiter.until("matched");
    expect(matched.iceTransportPolicy).toBe(IceTransportPolicy.RELAY);
    expect((await seeker.until("matched")).iceTransportPolicy).toBe(IceTransportPolicy.RELAY);
    expect(matched.offer?.sdp).toContain(blanked);
    expect(matched.offer?.sdp).not.toContain("192.0.2.7");

    const signals = [own, relayed].map((one) => ({ kind: { case: "candidate" as const, value: { candidate: one } } }));
    await seeker.send({ matchId: matched.matchId, clientSequence: 1, signals });
    expect((await waiter.until("signalReceived")).signals).toMatchObject([{ kind: { value: { candidate: blanked } } }]);
  });
});
