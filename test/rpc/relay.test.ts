import { create, toJsonString } from "@bufbuild/protobuf";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Description_Type, IceTransportPolicy } from "../../gen/satoshigle/v1/signal_pb.js";
import { SendRequestSchema, SignalResponseSchema } from "../../gen/satoshigle/v1/signaling_pb.js";
import type { MatchId } from "../../src/core/ids.js";
import type { Signal } from "../../src/core/signal.js";
import { encodeBatch } from "../../src/rpc/codec/encode.js";
import { renderMessage } from "../../src/rpc/codec/render.js";
import { encodeSignals } from "../../src/rpc/codec/encoded-signals.js";
import { address, addressesIn, betrayals, RELAY } from "../support/addresses.js";
import { roomy, uniqueInterest } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { sdp } from "../support/sdp.js";
import { startServer, type TestServer } from "../support/server.js";

const turn = { TURN_URLS: "turn:turn.example.com", TURN_SECRET: "north" };

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ ...roomy, ...turn });
});
afterAll(() => server.close());

const own = "candidate:1 1 udp 2 192.0.2.7 4000 typ host";
const relayed = "candidate:2 1 udp 1 198.51.100.1 5000 typ relay raddr 192.0.2.7 rport 4000";
const blanked = "candidate:2 1 udp 1 198.51.100.1 5000 typ relay raddr 0.0.0.0 rport 0";

it("Welcome states whether every call is relayed, so that the first offer matches", async () => {
  const person = await TestClient.open(transportTo(server.url));
  expect(person.welcome.iceTransportPolicy).toBe(IceTransportPolicy.ALL);
  const strict = await startServer({ ...roomy, ...turn, ICE_POLICY: "relay" });
  const other = await TestClient.open(transportTo(strict.url));
  expect(other.welcome.iceTransportPolicy).toBe(IceTransportPolicy.RELAY);
  await other.break();
  await strict.close();
});

it("credentials are valid for at most ten minutes, with a match and on request", async () => {
  const [ann, bob] = await Promise.all([1, 2].map(() => TestClient.open(transportTo(server.url))));
  if (ann === undefined || bob === undefined) throw new Error("a client is missing");
  const preferences = { interests: [uniqueInterest()] };
  await ann.match({ preferences });
  await bob.match({ preferences });
  const matched = await ann.until("matched");
  const asked = await ann.getIceServers();
  for (const [one] of [asked.iceServers, matched.iceServers]) {
    const leftMs = Number(one?.username.split(":")[0]) * 1000 - Date.now();
    expect(leftMs).toBeGreaterThan(590_000);
    expect(leftMs).toBeLessThanOrEqual(600_000);
  }
});

it("the stream of a relayed call contains no address but the relay's, in binary and in JSON", () => {
  const context = {
    nowMs: () => 0,
    freshIceServers: () => [],
    stunServers: [],
    relayAvailable: true,
    relayAlways: true,
    handshakeMs: 1,
    heartbeatMs: 1,
    reconnectWithinMs: () => undefined,
    resumeWindowMs: 1,
    limits: {},
    attributes: [],
    modeLimit: "",
    network: undefined,
  };
  fc.assert(
    fc.property(address, fc.subarray(betrayals, { minLength: 1 }), (secret, chosen) => {
      const { lines, candidates, origin, connection } = addressesIn(secret, chosen);
      const text = sdp(...lines)
        .replace(/o=.*IP4 127.0.0.1/, origin)
        .replace("c=IN IP4 0.0.0.0", connection);
      const offer = { type: "offer" as const, sdp: text, connectionId: "pc" };
      const value = { type: Description_Type.OFFER, sdp: text };
      const signals = [
        { kind: { case: "description" as const, value } },
        ...candidates.map((one) => ({ kind: { case: "candidate" as const, value: { candidate: candidateOf(one) } } })),
      ];
      const sealed = encodeSignals(create(SendRequestSchema, { signals }));
      const matchId = "m" as MatchId;
      const matched = { matchId, role: "answerer" as const, sharedInterests: [], relayOnly: true, offer, sinceMs: 0 };
      for (const event of [
        { type: "signaled" as const, matchId, relayOnly: true, described: true, signals: sealed },
        { type: "matched" as const, ...matched },
      ]) {
        const binary = Buffer.from(encodeBatch([{ sequence: 1, event }], context)).toString("latin1");
        const json = toJsonString(SignalResponseSchema, renderMessage({ sequence: 1, event }, context));
        for (const written of [binary, json]) {
          expect(written.toLowerCase()).not.toContain(secret.toLowerCase());
          expect(written).toContain(RELAY);
        }
      }
    }),
    { numRuns: 200 },
  );
});

function candidateOf(signal: Signal): string {
  return signal.kind === "candidate" ? signal.candidate : "";
}

describe("a call that one side wants relayed", () => {
  it("reveals to the partner only the relay's address, in offers and in signals", async () => {
    const [waiter, seeker] = await Promise.all([1, 2].map(() => TestClient.open(transportTo(server.url))));
    if (waiter === undefined || seeker === undefined) throw new Error("a client is missing");
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
