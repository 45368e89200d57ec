import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationMs } from "@bufbuild/protobuf/wkt";
import { createConnectTransport } from "@connectrpc/connect-node";
import { describe, expect, it } from "vitest";
import { SessionClosed_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { Description_Type, type SignalSchema } from "../../gen/satoshigle/v1/signal_pb.js";
import { request } from "../support/http.js";
import { candidate, pair, roomy } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { refusalOf } from "../support/refusal.js";
import { sdp } from "../support/sdp.js";
import { startServer } from "../support/server.js";
import { deafH1, deafH2 } from "../support/wire.js";

/** A large signal, which fills the buffers between server and client quickly. */
const large: MessageInitShape<typeof SignalSchema> = {
  kind: { case: "description", value: { type: Description_Type.OFFER, sdp: sdp(`a=x:${"x".repeat(15 * 1024)}`) } },
};

describe("a server that shuts down", () => {
  it("asks its streams to reconnect, then ends them, and each can resume", async () => {
    const server = await startServer({ ...roomy, DRAIN_TIMEOUT_MS: "1000" });
    const people = await Promise.all([1, 2, 3].map(() => TestClient.open(transportTo(server.url))));
    const closing = server.close();
    for (const person of people) {
      const [draining, closed, ...more] = await person.rest();
      expect(draining?.case).toBe("draining");
      const wait = draining?.case === "draining" ? draining.value.reconnectAfter : undefined;
      expect(wait && durationMs(wait)).toBeLessThanOrEqual(500);
      expect(closed).toMatchObject({
        case: "sessionClosed",
        value: { reason: SessionClosed_Reason.SHUTTING_DOWN, shouldReconnect: true },
      });
      expect(more).toEqual([]);
      expect(await person.ended).toBeUndefined();
    }
    await closing;
  });

  it("still relays signals for streams that have not moved yet", async () => {
    const server = await startServer({ ...roomy, DRAIN_TIMEOUT_MS: "2000" });
    const { offerer, answerer, matchId } = await pair(transportTo(server.url));
    const closing = server.close();
    await answerer.until("draining");
    await offerer.send({ matchId, clientSequence: 1, signals: [candidate(1)] });
    expect(await answerer.until("signalReceived")).toMatchObject({ signals: [candidate(1)] });
    await Promise.all([offerer.break(), answerer.break()]);
    await closing;
  });

  it("refuses new streams with a retry delay, and is alive but not ready", async () => {
    const server = await startServer({ ...roomy, DRAIN_TIMEOUT_MS: "5000" });
    const readiness = async () => (await request(`${server.url}/readyz`)).status;
    const health = async () => (await request(`${server.url}/healthz`)).status;
    const person = await TestClient.open(transportTo(server.url));
    expect([await readiness(), await health()]).toEqual([200, 200]);
    const closing = server.close();
    await person.until("draining");
    const refusal = await refusalOf(TestClient.open(person.transport));
    expect(refusal).toMatchObject({ code: "Unavailable", reason: "DRAINING" });
    expect(refusal.retryMs).toBeGreaterThan(0);
    expect([await readiness(), await health()]).toEqual([503, 200]);
    await person.break();
    await closing;
  });

  it("ends as soon as the last stream has moved", async () => {
    const server = await startServer({ ...roomy, DRAIN_TIMEOUT_MS: "600000" });
    const person = await TestClient.open(transportTo(server.url));
    const closing = server.close();
    await person.until("draining");
    await person.break();
    await closing;
    await expect(request(`${server.url}/healthz`)).rejects.toThrow();
  });

  it("ends streams over HTTP/2 and closes their connections", async () => {
    const server = await startServer(roomy);
    const transport = createConnectTransport({ baseUrl: server.url, httpVersion: "2" });
    const person = await TestClient.open(transport);
    await Promise.all([server.close(), person.ended]);
    await expect(request(`${server.url}/healthz`)).rejects.toThrow();
  });

  it.each([
    ["HTTP/1.1", deafH1, 800],
    ["HTTP/2", deafH2, 40],
  ])("is not held up by a client that does not read its stream, over %s", async (_version, openDeaf, sendCount) => {
    const server = await startServer(roomy);
    const { offerer, answerer, matchId } = await pair(transportTo(server.url));
    await openDeaf(server.port, answerer.welcome.token);
    await answerer.ended;
    for (let clientSequence = 1; clientSequence <= sendCount; clientSequence++) {
      await offerer.send({ matchId, clientSequence, signals: [large] });
    }
    await server.close();
  });
});
