import type { ServerResponse } from "node:http";
import { createServer } from "../../../src/http/server.js";

/** An HTTP server whose streams stay open, with heartbeats and, if `PING_MS` is set, pings. */
const { HEARTBEAT_MS, PING_MS } = process.env;
/** Heartbeats are spread over an interval in this many steps. */
const STEPS = 100;
/** The size of a heartbeat in its envelope. */
const heartbeat = Buffer.alloc(9);

const responses = Array.from({ length: STEPS }, () => new Set<ServerResponse>());
let opened = 0;
const server = createServer(
  (_request, response) => {
    const step = responses[opened++ % STEPS];
    step?.add(response);
    response.once("close", () => step?.delete(response));
    response.writeHead(200).write(heartbeat);
  },
  {
    tls: undefined,
    maxConnectionsPerHost: Infinity,
    isTrustedProxy: () => false,
    keepAliveMs: 600_000,
    ...(PING_MS && { pingMs: Number(PING_MS) }),
  },
);
let turn = 0;
setInterval(
  () => {
    for (const response of responses[turn++ % STEPS] ?? []) response.write(heartbeat);
  },
  Number(HEARTBEAT_MS) / STEPS,
);
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object" && address) process.stdout.write(`http://127.0.0.1:${String(address.port)}\n`);
});
