import { beforeEach, describe, expect, it } from "vitest";
import { Role, type Signal } from "../../src/client/gen/satoshigle/v1/signal_pb.js";
import { ChatChannel } from "../../src/client/call/chat-channel.js";
import { candidateSignal, descriptionSignal, fromDescription } from "../../src/client/call/signals.js";
import { FakePeerConnection, stubPeerConnection, type FakeChannel } from "./fake-peer-connection.js";
import { limitReached, pass, ScriptedServer, settle } from "./scripted-server.js";
import { NegotiationSide, states } from "./negotiation-side.js";
import { outcome, useFakeClock, ClientHarness } from "./client-harness.js";

useFakeClock();

/** As many as the server accepts in one `Send`. */
const atOnce = 64;

const offer = (at: number, connectionId = `stranger${String(at)}`): Signal =>
  descriptionSignal(fromDescription("offer", `v=0\r\no=- ${String(at)} 1\r\na=ice-ufrag:them\r\n`, connectionId));
const candidate = (at: number): Signal =>
  candidateSignal({
    candidate: `candidate:1 1 udp 1 10.0.0.${String(at)} 5000 typ host`,
    sdpMid: "0",
    sdpMLineIndex: 0,
    usernameFragment: "them",
  } as RTCIceCandidate);

beforeEach(stubPeerConnection);

describe("a partner who floods", () => {
  let server: ScriptedServer;
  let harness: ClientHarness;
  beforeEach(async () => {
    server = new ScriptedServer();
    harness = await ClientHarness.match(server);
  });

  /** Fifteen `Send`s of the partner. */
  async function flood(signalAt: (at: number) => Signal): Promise<void> {
    for (let send = 0; send < 15; send++) {
      const signals = Array.from({ length: atOnce }, (_, at) => signalAt(send * atOnce + at));
      await server.stream.event({ case: "signalReceived", value: { matchId: "m1", signals } });
    }
  }

  it.each([
    ["of other connections", (at: number) => offer(at)],
    ["of one connection", (at: number) => offer(at, "them")],
    ["that are the same", () => offer(1, "them")],
    ["and with candidates between them", (at: number) => (at % 2 ? candidate(at % 200) : offer(at))],
  ])("with offers %s gets a handful of answers, and leaves Report and Next what they need", async (_, signalAt) => {
    let left = 20;
    server.onCall = () => {
      if (--left < 0) throw limitReached(60_000);
    };
    await flood(signalAt);
    await pass(1_000);
    expect(server.sends.length).toBeGreaterThan(0);
    expect(server.sends.length).toBeLessThanOrEqual(5);
    const reported = outcome(harness.client.report("harassment"));
    const next = outcome(harness.client.next());
    await settle();
    expect([await reported, await next]).toEqual(["done", "done"]);
  });

  it("is answered with the newest offer once the rate allows it", async () => {
    await flood((at) => offer(at));
    await pass(60_000);
    // Without signals, it is the probe of a stream that does not open.
    expect(server.sends.filter(({ signals }) => signals.length > 0).length).toBeLessThanOrEqual(12);
    expect(FakePeerConnection.all.at(-1)?.remoteDescription?.sdp).toContain("o=- 959 1");
  });

  it("can be reported at once, whatever else is queued", async () => {
    server.onCall = (name) => {
      if (name === "leave") throw limitReached(60_000);
    };
    void harness.client.stop();
    await settle();
    const reported = outcome(harness.client.report("spam", "", "m1"));
    await settle();
    expect(server.reports).toHaveLength(1);
    expect(await reported).toBe("done");
  });
});

it("has a limited number of candidates tried per description", async () => {
  const bob = new NegotiationSide(Role.ANSWERER);
  await bob.act(() => bob.negotiation.receive([offer(1)]));
  for (let times = 0; times < 50; times++) {
    await bob.act(() => bob.negotiation.receive(Array.from({ length: atOnce }, (_, at) => candidate(at))));
  }
  expect(bob.connection.added).toHaveLength(200);
  await bob.act(() => bob.negotiation.receive([offer(2, "stranger1"), candidate(1)]));
  expect(bob.connection.added).toHaveLength(201);
  expect(states(bob)).toEqual(["stable"]);
});

it("does not get an offer for each answer from an unknown connection", async () => {
  const ann = new NegotiationSide(Role.OFFERER);
  await ann.act(() => ann.negotiation.startOver());
  const answer = (at: number) => descriptionSignal(fromDescription("answer", "v=0", `other${String(at)}`));
  for (let at = 0; at < 200; at++) await ann.act(() => ann.negotiation.receive([answer(at)]));
  expect(ann.words().length).toBeLessThanOrEqual(6);
});

describe("a channel of the call", () => {
  /** Captures the channel that `make` opens. */
  function channelOf(make: (connection: RTCPeerConnection) => unknown): FakeChannel {
    const channel: FakeChannel = { sent: [] };
    make({ createDataChannel: () => channel } as unknown as RTCPeerConnection);
    return channel;
  }

  it("reads lines at a limited rate, valid or not", async () => {
    let lines = 0;
    const channel = channelOf(
      (connection) => new ChatChannel(connection, { message: () => lines++, changed: () => undefined }),
    );
    for (let at = 0; at < 100; at++) channel.onmessage?.({ data: "no line" });
    for (let at = 0; at < 100; at++) channel.onmessage?.({ data: '{"text":"hi"}' });
    expect(lines).toBe(0);
    await pass(10_000);
    for (let at = 0; at < 100; at++) channel.onmessage?.({ data: '{"text":"hi"}' });
    expect(lines).toBe(30);
  });
});
