import { once } from "node:events";
import type http from "node:http";
import net, { type AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { createServer } from "../../src/http/server.js";

let server: http.Server;
afterEach(() => server.close());

/** A server that answers only on request, its pending and closed answers, and a connection to it. */
async function listen() {
  const answers: http.ServerResponse[] = [];
  const closed = new Set<http.ServerResponse>();
  const settings = { tls: undefined, maxConnectionsPerHost: 100, isTrustedProxy: () => false, keepAliveMs: 60_000 };
  server = createServer((_request, response) => {
    answers.push(response.on("close", () => closed.add(response)));
  }, settings);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const socket = net.connect((server.address() as AddressInfo).port, "127.0.0.1").on("error", () => undefined);
  return { answers, closed, socket };
}

const request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

it("a connection that pipelines many requests is closed, and most of them are never handled", async () => {
  const { answers, closed, socket } = await listen();
  const hungUp = once(socket.resume(), "close");
  socket.write(request.repeat(1_000));
  await hungUp;
  expect(answers.length).toBeLessThanOrEqual(9);
  await expect.poll(() => closed.size).toBe(answers.length);
});

it("a few pipelined requests are answered in order, and more may follow", async () => {
  const { answers, socket } = await listen();
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
  for (let turn = 1; turn <= 5; turn++) {
    socket.write(request.repeat(9));
    await expect.poll(() => answers.length).toBe(turn * 9);
    answers.slice(-9).forEach((answer, index) => answer.end(`<${String(turn)} ${String(index)}>`));
    await expect.poll(() => text).toContain(`<${String(turn)} 8>`);
  }
  const expected = [1, 2, 3, 4, 5].flatMap((turn) =>
    Array.from({ length: 9 }, (_, index) => `<${String(turn)} ${String(index)}>`),
  );
  expect(text.match(/<\d \d>/g)).toEqual(expected);
  socket.destroy();
});
