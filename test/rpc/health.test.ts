import net from "node:net";
import { text } from "node:stream/consumers";
import { expect, it, onTestFinished } from "vitest";
import { startServer } from "../support/server.js";

it.each(["/healthz", "/readyz"])("%s answers load balancers that use HTTP/1.0 without a host", async (path) => {
  const server = await startServer();
  onTestFinished(() => server.close());
  const socket = net.connect(server.port, "127.0.0.1");
  socket.write(`GET ${path} HTTP/1.0\r\n\r\n`);
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 /);
});
