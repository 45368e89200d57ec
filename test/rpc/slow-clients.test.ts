import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { constants } from "node:http2";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Description_Type, type SignalSchema } from "../../gen/satoshigle/v1/signal_pb.js";
import { SendRequestSchema } from "../../gen/satoshigle/v1/signaling_pb.js";
import { limits } from "../../src/core/limits.js";
import { errorIn } from "../support/http.js";
import { expectUnharmed, pair, roomy } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { readRefusal } from "../support/refusal.js";
import { sdp } from "../support/sdp.js";
import { soon } from "../support/soon.js";
import { startServer, type TestServer } from "../support/server.js";
import { callDeafH1, deafH1, deafH2, sendH1, sendH2 } from "../support/wire.js";

/** A large signal, which fills the buffers between server and client quickly. */
const large: MessageInitShape<typeof SignalSchema> = {
  kind: { case: "description", value: { type: Description_Type.OFFER, sdp: sdp(`a=x:${"x".repeat(15 * 1024)}`) } },
};

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ ...roomy, HEARTBEAT_INTERVAL_MS: "1000", CONNECTION_TIMEOUT_MS: "300000" });
});
afterAll(() => server.close());

// These tests wait for limits of ten seconds, so they run concurrently.
describe.concurrent("a body that never ends is refused after ten seconds and changes nothing", () => {
  it.each([
    ["HTTP/1.1", "a call", sendH1, "/satoshigle.v1.MatchService/Leave", "application/json"],
    ["HTTP/2", "a call", sendH2, "/satoshigle.v1.MatchService/Leave", "application/json"],
    ["HTTP/1.1", "a stream", sendH1, "/satoshigle.v1.SignalService/Signal", "application/connect+json"],
    ["HTTP/2", "a stream", sendH2, "/satoshigle.v1.SignalService/Signal", "application/connect+json"],
  ])("over %s, of %s", async (_version, _kind, send, path, contentType) => {
    const two = await pair(transportTo(server.url));
    const headers = { "content-type": contentType, authorization: `Bearer ${two.offerer.welcome.token}` };
    const startMs = performance.now();
    const answer = await send(server.port, path, headers, [Buffer.from("{")], { leaveOpen: true });
    const tookMs = performance.now() - startMs;
    expect(tookMs).toBeGreaterThan(9_000);
    expect(tookMs).toBeLessThan(30_000);
    expect(readRefusal(errorIn(answer.text))).toMatchObject({ code: "DeadlineExceeded" });
    await expectUnharmed(two);
  });
});

describe.concurrent("a client that does not read its stream is disconnected after a while", () => {
  it.each([
    ["HTTP/1.1", deafH1, 800, []],
    ["HTTP/2, which says why", deafH2, 40, [constants.NGHTTP2_ENHANCE_YOUR_CALM]],
  ])("over %s; its partner is notified, and it can resume", async (_version, openDeaf, sendCount, expected) => {
    const { offerer, answerer, matchId } = await pair(transportTo(server.url));
    const codes: number[] = [];
    const hangUp = await openDeaf(server.port, answerer.welcome.token, codes);
    await answerer.ended;
    for (let clientSequence = 1; clientSequence <= sendCount; clientSequence++) {
      await offerer.send({ matchId, clientSequence, signals: [large] });
    }
    expect(await offerer.until("partnerAway", 20_000)).toMatchObject({ matchId });
    const again = await TestClient.open(answerer.transport, answerer.resume);
    expect(again.welcome.snapshot?.state.case).toBe("inMatch");
    await soon(() => expect(codes).toEqual(expected));
    hangUp();
  });
});

describe.concurrent("a client that does not read the answers to its calls is disconnected after a while", () => {
  it.each(["true", "false"])("over HTTP/1.1, with FAST_PATH=%s", async (FAST_PATH) => {
    const own = await startServer({
      ...roomy,
      HEARTBEAT_INTERVAL_MS: "1000",
      KEEP_ALIVE_TIMEOUT_MS: "10000",
      FAST_PATH,
    });
    const person = await TestClient.open(transportTo(own.url));
    await person.break();
    const connections = () =>
      new Promise<number>((resolve) => own.server.public.server.getConnections((_error, count) => resolve(count)));
    const signals = Array.from({ length: limits.signalsPerSend }, () => ({})); // each produces a long error
    const body = Buffer.from(toBinary(SendRequestSchema, create(SendRequestSchema, { matchId: "x", signals })));
    const hangUp = await callDeafH1(own.port, person.welcome.token, "/satoshigle.v1.SignalService/Send", body, 800);
    expect(await connections()).toBeGreaterThan(0);
    await vi.waitFor(async () => expect(await connections()).toBe(0), { timeout: 60_000, interval: 200 });
    hangUp();
    await own.close();
  });
});
