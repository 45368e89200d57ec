import { once } from "node:events";
import type { Server } from "node:http";
import http2 from "node:http2";
import net, { type AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createServer } from "../../src/http/server.js";
import { ACK, frame, framesIn, hello, PING, SETTINGS } from "../support/frames.js";
import { soon } from "../support/soon.js";

let server: Server;
let port: number;
beforeAll(async () => {
  const limits = { maxConnectionsPerHost: 100, isTrustedProxy: () => false };
  const settings = { ...limits, tls: undefined, keepAliveMs: 60_000, pingMs: 1_000 };
  server = createServer((_request, response) => {
    response.writeHead(200);
    response.write("a stream that stays open");
  }, settings);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.close();
});

it("keeps the connection of a client that answers pings", async () => {
  const client = http2.connect(`http://127.0.0.1:${String(port)}`);
  let pings = 0;
  client.on("ping", () => pings++);
  const stream = client.request();
  await once(stream, "response");
  await soon(() => expect(pings).toBeGreaterThan(1));
  expect([stream.closed, client.closed]).toEqual([false, false]);
  client.destroy();
});

it("ends the streams of a client that leaves one ping unanswered", async () => {
  const socket = net.connect(port, "127.0.0.1").on("error", () => undefined);
  let bytes = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => (bytes = Buffer.concat([bytes, chunk])));
  socket.write(Buffer.concat([hello, frame(SETTINGS, ACK, 0)]));
  await once(socket, "close");
  const pings = framesIn(bytes).filter(({ type, flags }) => type === PING && (flags & ACK) === 0);
  expect(pings).toHaveLength(1);
});
