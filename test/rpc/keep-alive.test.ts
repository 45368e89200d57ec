import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import type net from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it, vi } from "vitest";
import { loadConfig, readConfig } from "../../src/config.js";
import { createServer, type ServerSettings } from "../../src/http/server.js";
import { settingsFrom } from "../../src/settings.js";

/** How long nginx and most load balancers keep an idle connection to a server, and Caddy. */
const [NGINX_MS, CADDY_MS] = [60_000, 120_000];

let server: http.Server;
afterEach(() => {
  vi.useRealTimers();
  server.close();
});

/** A listener with the settings of a configuration. Returns its port and the sockets of its connections. */
async function listen(settings: ServerSettings): Promise<{ port: number; sockets: net.Socket[] }> {
  const sockets: net.Socket[] = [];
  server = createServer((_request, response) => response.end(), settings);
  server.on("connection", (socket: net.Socket) => sockets.push(socket));
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { port: (server.address() as AddressInfo).port, sockets };
}

const defaults = settingsFrom(loadConfig({ NODE_ENV: "test" }));

it.each([
  ["public", defaults.public.server],
  ["internal", defaults.internal.server],
])("a connection over HTTP/1.1 to the %s listener outlives the idle time of proxies", async (_name, settings) => {
  const { port, sockets } = await listen(settings);
  const agent = new http.Agent({ keepAlive: true });
  const [response] = (await once(http.get({ port, agent }), "response")) as [http.IncomingMessage];
  await once(response.resume(), "end");
  await vi.waitFor(() => expect(sockets[0]?.timeout).toBeGreaterThan(CADDY_MS));
  expect(Number(/timeout=(\d+)/.exec(String(response.headers["keep-alive"]))?.[1]) * 1_000).toBeGreaterThan(CADDY_MS);
  agent.destroy();
});

it("so does one over HTTP/2 after its last stream, while one without a stream is closed soon", async () => {
  const { port } = await listen(defaults.public.server);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const connect = async () => {
    const session = http2.connect(`http://127.0.0.1:${String(port)}`);
    await once(session, "remoteSettings");
    return session;
  };
  const [used, unused] = [await connect(), await connect()];
  const stream = used.request({ ":path": "/" });
  await once(stream.resume(), "close");
  const closed = [once(used, "close"), once(unused, "close")] as const;
  await new Promise(setImmediate); // the server closes the stream, too
  await vi.advanceTimersByTimeAsync(10_000);
  await closed[1];
  await vi.advanceTimersByTimeAsync(CADDY_MS - 10_000);
  const again = used.request({ ":path": "/" });
  await once(again.resume(), "close");
  await new Promise(setImmediate);
  await vi.advanceTimersByTimeAsync(defaults.public.server.keepAliveMs);
  await closed[0];
});

it("KEEP_ALIVE_TIMEOUT_MS changes it, with a warning when proxies would keep connections for longer", () => {
  const read = (variables: Record<string, string>) =>
    readConfig({ environment: { SESSION_SECRET: "s".repeat(32), ...variables } });
  const settings = settingsFrom(read({ KEEP_ALIVE_TIMEOUT_MS: "620000" }).config);
  expect([settings.public.server.keepAliveMs, settings.internal.server.keepAliveMs]).toEqual([620_000, 620_000]);
  const short = String(NGINX_MS - 1);
  expect(read({ KEEP_ALIVE_TIMEOUT_MS: short, TRUST_PROXY: "1" }).warnings).toEqual([expect.stringContaining("502")]);
  expect(read({ KEEP_ALIVE_TIMEOUT_MS: short }).warnings).toEqual([]);
  expect(read({ TRUST_PROXY: "1" }).warnings).toEqual([]);
});
