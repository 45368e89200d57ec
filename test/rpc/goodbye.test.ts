import { durationMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { PartnerAway } from "../../gen/satoshigle/v1/event_pb.js";
import { MatchEnded_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { candidate, pair, roomy } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { startServer, type TestServer } from "../support/server.js";

const WINDOW_MS = 30_000;
const RELOAD_MS = 5_000;

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ ...roomy, MAX_DISCONNECTION_DURATION_MS: String(WINDOW_MS) });
});
afterAll(() => server.close());

const leftMs = ({ timeLeft }: PartnerAway) => (timeLeft ? durationMs(timeLeft) : 0);

it("ends the session of a closed page within seconds, and its partner is told at once", async () => {
  const { offerer, answerer } = await pair(transportTo(server.url));
  await answerer.goodbye();
  await answerer.break();
  expect(leftMs(await offerer.until("partnerAway"))).toBeLessThanOrEqual(RELOAD_MS);
  expect((await offerer.until("matchEnded")).reason).toBe(MatchEnded_Reason.PARTNER_LOST);
  await answerer.goodbye(); // the session is over
});

it("shortens the absence of a page whose stream broke before, once however often it is repeated", async () => {
  const { offerer, answerer } = await pair(transportTo(server.url));
  await answerer.break();
  expect(leftMs(await offerer.until("partnerAway"))).toBeGreaterThan(RELOAD_MS);
  await Promise.all([answerer.goodbye(), answerer.goodbye(), answerer.goodbye()]);
  expect(leftMs(await offerer.until("partnerAway"))).toBeLessThanOrEqual(RELOAD_MS);
  expect((await offerer.next()).event.case).toBe("matchEnded");
});

it("lets a reload resume, which has the full window again", async () => {
  const { offerer, answerer } = await pair(transportTo(server.url));
  await answerer.goodbye();
  await offerer.until("partnerAway");
  const reloaded = await TestClient.open(answerer.transport, answerer.resume);
  expect(reloaded.welcome.resumed).toBe(true);
  await offerer.until("partnerBack");
  await reloaded.break();
  expect(leftMs(await offerer.until("partnerAway"))).toBeGreaterThan(RELOAD_MS);
});

it("does nothing to a newer stream when it arrives late", async () => {
  const { offerer, answerer, matchId } = await pair(transportTo(server.url));
  const reloaded = await TestClient.open(answerer.transport, answerer.resume);
  expect(reloaded.welcome.streamId).not.toBe(answerer.welcome.streamId);
  await answerer.goodbye();
  for (const id of ["0", "-1", "NaN", "99", "1e0", "x".repeat(64)]) await answerer.goodbye(id);
  await reloaded.send({ matchId, clientSequence: 1, signals: [candidate(1)] });
  expect((await offerer.next()).event.case).toBe("signalReceived");
});

it("concerns the caller's own session alone", async () => {
  const { offerer, answerer, matchId } = await pair(transportTo(server.url));
  const stranger = await TestClient.open(transportTo(server.url));
  await stranger.goodbye(answerer.welcome.streamId);
  await stranger.goodbye(offerer.welcome.streamId);
  await answerer.send({ matchId, clientSequence: 1, signals: [candidate(1)] });
  expect((await offerer.next()).event.case).toBe("signalReceived");
});

it("names the stream, and requires a token", async () => {
  const person = await TestClient.open(transportTo(server.url));
  const codeOf = (call: Promise<unknown>) => call.catch((error: unknown) => ConnectError.from(error).code);
  expect(await codeOf(person.goodbye(""))).toBe(Code.InvalidArgument);
  const nobody = await fetch(`${server.url}/satoshigle.v1.SignalService/Goodbye`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ streamId: "1" }),
  });
  expect(nobody.status).toBe(401);
});
