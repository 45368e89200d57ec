import { once } from "node:events";
import http2 from "node:http2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { roomy } from "../support/pair.js";
import { startServer, type TestServer } from "../support/server.js";

const leave = "/satoshigle.v1.MatchService/Leave";

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ ...roomy, HEARTBEAT_INTERVAL_MS: "1000" });
});
afterAll(() => server.close());

type Headers = Record<string, string>;

/** Announces a body and sends none. Returns the status and the code of the reset, once the server has ended the stream. */
async function promise(port: number, headers: Headers, initialWindowSize = 65_535): Promise<[number, number]> {
  const session = http2.connect(`http://127.0.0.1:${String(port)}`, { settings: { initialWindowSize } });
  session.on("error", () => undefined);
  const stream = session.request({ ":method": "POST", ":path": leave, ...headers }, { endStream: false });
  stream.on("error", () => undefined);
  if (initialWindowSize > 0) stream.resume();
  const closed = new Promise((resolve) => stream.once("close", resolve));
  const [head] = (await once(stream, "response")) as [http2.IncomingHttpHeaders];
  await closed;
  session.destroy();
  return [Number(head[":status"]), stream.rstCode];
}

const { NGHTTP2_NO_ERROR, NGHTTP2_ENHANCE_YOUR_CALM } = http2.constants;
const body = { "content-length": "10" };
const json = { "content-type": "application/json" };

// These tests wait for limits of 6 and 20 seconds, so they run concurrently.
describe.concurrent("over HTTP/2 an answered request does not stay open", { timeout: 60_000 }, () => {
  it.each<[string, number, Headers]>([
    ["a method not allowed", 405, { ":method": "PUT", ...body }],
    ["another content type", 415, { ...body, "content-type": "text/plain" }],
    ["a foreign host", 421, { ...body, ":authority": "evil.example" }],
    ["no token", 401, { ...body, ...json }],
    ["no such path", 404, { ...body, ":path": "/nowhere" }],
    ["no URL", 400, { ...body, ":path": "/%" }],
  ])("if its body never arrives: %s (%i)", async (_what, status, headers) => {
    expect(await promise(server.port, headers)).toEqual([status, NGHTTP2_NO_ERROR]);
  });

  it("if Node.js answers it itself: a CONNECT, or an unknown expectation", async () => {
    const expecting = { ...body, ":path": leave, expect: "a miracle" };
    expect((await promise(server.port, expecting))[0]).toBe(417);
    const session = http2.connect(`http://127.0.0.1:${String(server.port)}`);
    const tunnel = session.request({ ":method": "CONNECT", ":authority": "localhost:80" });
    const [[head]] = await Promise.all([
      once(tunnel, "response") as Promise<[http2.IncomingHttpHeaders]>,
      once(tunnel.resume(), "close"),
    ]);
    session.destroy();
    expect(head[":status"]).toBe(405);
  });

  it.each<[string, number, Headers]>([
    ["a foreign host", 421, { ":authority": "evil.example" }],
    ["no token", 401, json],
    ["no such path", 404, { ":path": "/nowhere" }],
    ["no URL", 400, { ":path": "/%" }],
  ])("by a client that takes nothing of the answer: %s (%i)", async (_what, status, headers) => {
    expect(await promise(server.port, headers, 0)).toEqual([status, NGHTTP2_ENHANCE_YOUR_CALM]);
  });

  it.each<[string, string]>([
    ["a page", "/"],
    ["a call", "/satoshigle.internal.v1.MonitoringService/GetStats"],
  ])("on the internal listener, of a foreign page: %s", async (_what, path) => {
    const headers = { ...body, ...json, ":path": path, origin: "https://evil.example" };
    expect(await promise(server.internalPort, headers)).toEqual([403, NGHTTP2_NO_ERROR]);
  });
});
