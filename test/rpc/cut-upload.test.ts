import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import net from "node:net";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { abortUpload } from "../../src/http/request-reader.js";
import { END_HEADERS, END_STREAM, fields, frame, framesIn, HEADERS, hello, RST_STREAM } from "../support/frames.js";
import { roomy } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { startServer, type TestServer } from "../support/server.js";

const leave = "/satoshigle.v1.MatchService/Leave";
const json = { "content-type": "application/json" };
/** Less than the ten seconds allowed for a body: a test that waits for its end fails. */
const BEFORE_END_MS = 8_000;

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startServer(roomy);
  token = (await TestClient.open(transportTo(server.url))).welcome.token;
});
afterAll(() => server.close());

/** Calls that are answered before their body ends: title, method, headers, bytes of the endless body, status. */
const cut: [what: string, method: string, headers: () => Record<string, string>, bytes: number, status: number][] = [
  ["a call without a token", "POST", () => json, 1, 401],
  ["a call without a protocol", "POST", () => ({ "content-type": "text/plain" }), 1, 415],
  ["a method that no call uses", "PUT", () => json, 1, 405],
  ["a foreign host", "POST", () => ({ ...json, host: "evil.example" }), 1, 421],
  ["a body over the limit", "POST", () => ({ ...json, authorization: `Bearer ${token}` }), 40_000, 429],
];

describe("a refused upload is cut off", () => {
  it.each(cut)(
    "%s: over HTTP/1.1 the connection is closed after the answer",
    async (_what, method, headers, bytes, status) => {
      const agent = new http.Agent({ keepAlive: true }); // the client would continue
      const request = http.request({ port: server.port, path: leave, method, headers: headers(), agent });
      request.on("error", () => undefined).write(Buffer.alloc(bytes, " "));
      const [response] = (await once(request, "response")) as [http.IncomingMessage];
      expect([response.statusCode, response.headers.connection]).toEqual([status, "close"]);
      response.resume();
      const { socket } = request;
      if (socket?.closed === false) await once(socket, "close");
    },
    BEFORE_END_MS,
  );

  it.each(cut)(
    "%s: over HTTP/2 only its stream is closed after the answer",
    async (_what, method, given, bytes, status) => {
      const session = http2.connect(`http://127.0.0.1:${String(server.port)}`);
      const { host, ...headers } = given();
      const authority = host === undefined ? {} : { ":authority": host };
      const stream = session.request({ ":method": method, ":path": leave, ...authority, ...headers });
      stream.on("error", () => undefined).write(Buffer.alloc(bytes, " "));
      const [head] = (await once(stream, "response")) as [http2.IncomingHttpHeaders];
      expect(head[":status"]).toBe(status);
      stream.resume();
      if (!stream.closed) await once(stream, "close");
      const next = session.request({ ":path": "/healthz" });
      expect(((await once(next, "response")) as [http2.IncomingHttpHeaders])[0][":status"]).toBe(200);
      session.destroy();
    },
    BEFORE_END_MS,
  );
});

it("a small body is discarded as it arrives, and its connection stays open", async () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const sockets = new Set<unknown>();
  for (let count = 0; count < 3; count++) {
    const request = http.request({ port: server.port, path: leave, method: "POST", headers: json, agent });
    request.end("{}");
    const [response] = (await once(request, "response")) as [http.IncomingMessage];
    sockets.add(request.socket);
    await once(response.resume(), "end");
  }
  expect(sockets.size).toBe(1);
  agent.destroy();
});

it.each(["POST", "HEAD"])("over HTTP/2 a %s receives its whole answer before its stream is closed", async (method) => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const answering = http2.createServer((request, response) => {
    abortUpload(request, response);
    request.resume();
    response.stream.once("finish", () => vi.advanceTimersByTime(500)); // like other work that blocks the event loop
    response.writeHead(415, { "content-length": "0" }).end();
  });
  onTestFinished(() => {
    vi.useRealTimers();
    socket.destroy();
    answering.close();
  });
  await once(answering.listen(0, "127.0.0.1"), "listening");
  const socket = net.connect((answering.address() as net.AddressInfo).port, "127.0.0.1");
  const request = fields([
    [":method", method],
    [":scheme", "http"],
    [":path", leave],
    [":authority", "localhost"],
  ]);
  socket.write(Buffer.concat([hello, frame(HEADERS, END_HEADERS, 1, request)])); // its body never arrives
  let bytes = Buffer.alloc(0);
  const answer = () => framesIn(bytes).filter(({ stream }) => stream === 1);
  while (answer().at(-1)?.type !== RST_STREAM) {
    bytes = Buffer.concat([bytes, ...((await once(socket, "data")) as [Buffer])]);
  }
  expect(answer()[0]?.type).toBe(HEADERS);
  expect((answer().at(-2)?.flags ?? 0) & END_STREAM).toBe(END_STREAM);
});
