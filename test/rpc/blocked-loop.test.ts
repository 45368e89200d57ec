import { once } from "node:events";
import type http from "node:http";
import http2 from "node:http2";
import net, { type AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { collectBody, readableEnvelopes } from "../../src/http/request-body.js";
import { createServer } from "../../src/http/server.js";

const bounds = { bytes: 1_000, chunks: 100, timeoutMs: 10_000 };
const head = "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n";

/** Answers with the body, or with what was wrong with it. */
function echo(request: http.IncomingMessage, response: http.ServerResponse): void {
  collectBody(request, bounds, ({ bytes, error }) => response.end(error?.message ?? bytes));
}

/** The same for a call that streams its requests. */
function echoEnvelopes(request: http.IncomingMessage, response: http.ServerResponse): void {
  const copy = async () => {
    for await (const envelope of readableEnvelopes(request, bounds, () => undefined)) response.write(envelope);
    response.end();
  };
  copy().catch((error: unknown) => response.end(String(error)));
}

/** All timers that are due run before anything is read, as after a delay of the event loop. */
function blockFor(ms: number): void {
  vi.advanceTimersByTime(ms);
}

let front: http.Server;
let client: net.Socket;

/** A server, and a connection to it that it has accepted. */
async function connect(handler: (request: http.IncomingMessage, response: http.ServerResponse) => void): Promise<void> {
  const settings = { tls: undefined, maxConnectionsPerHost: 10, keepAliveMs: 130_000, isTrustedProxy: () => false };
  front = createServer(handler, settings);
  await once(front.listen(0, "127.0.0.1"), "listening");
  client = net.connect((front.address() as AddressInfo).port, "127.0.0.1");
  await Promise.all([once(front, "connection"), once(client, "connect")]);
  await turn(); // the next poll for input comes before the next immediate, as after timers
}

describe("while the event loop is blocked for longer than a time limit", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });
  afterEach(() => {
    vi.useRealTimers();
    client.destroy();
    front.close();
  });

  it("a new connection that sends a request is served", async () => {
    await connect(echo);
    client.write(`${head}content-length: 5\r\n\r\nhello`);
    blockFor(60_000);
    expect(await text(client)).toMatch(/^HTTP\/1.1 200 [^]*hello/);
  });

  it.each([
    ["with a length", "content-length: 5\r\n\r\n", "hello"],
    ["in chunks", "transfer-encoding: chunked\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n"],
  ])("a body %s that arrives is read", async (_, header, body) => {
    await connect(echo);
    client.write(head + header);
    await once(front, "request");
    await turn();
    client.write(body);
    blockFor(60_000);
    expect(await text(client)).toMatch(/^HTTP\/1.1 200 [^]*hello/);
  });

  it("the rest of an envelope that arrives is read", async () => {
    await connect(echoEnvelopes);
    client.write(`${head}content-length: 10\r\n\r\n\0\0\0\0\u0005he`);
    await once(front, "request");
    await turn();
    client.write("llo");
    blockFor(60_000);
    expect(await text(client)).toMatch(/^HTTP\/1.1 200 [^]*hello/);
  });

  it("an idle connection of HTTP/2 that sends a request is served", async () => {
    await connect(echo);
    const session = http2.connect("http://127.0.0.1", { createConnection: () => client });
    await once(session, "remoteSettings");
    const stream = session.request({ ":method": "POST" }).end("hello");
    await turn(); // it is sent
    blockFor(60_000);
    expect(await text(stream)).toBe("hello");
    session.destroy();
  });

  it("a connection that sends nothing is closed all the same", async () => {
    await connect(echo);
    blockFor(60_000);
    expect(await text(client)).toBe("");
  });
});
