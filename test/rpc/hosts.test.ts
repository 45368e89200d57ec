import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadConfig } from "../../src/config.js";
import { guardHosts, hostName } from "../../src/http/hosts.js";
import { NO_NOTICES } from "../../src/http/notices.js";
import { Proxies } from "../../src/http/proxies.js";
import { RequestReader } from "../../src/http/request-reader.js";
import { roomy } from "../support/pair.js";
import { settingsFrom } from "../../src/settings.js";
import { startServer, type TestServer } from "../support/server.js";

const leave = "/satoshigle.v1.MatchService/Leave";
const stats = "/satoshigle.internal.v1.MonitoringService/GetStats";

type Ask = (port: number, method: string, path: string, headers: Record<string, string>) => Promise<number>;

const askH1: Ask = async (port, method, path, headers) => {
  const request = http.request({ host: "127.0.0.1", port, method, path, headers, agent: false });
  request.end(method === "POST" ? "{}" : undefined);
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  response.resume();
  return response.statusCode ?? 0;
};

const askH2: Ask = async (port, method, path, { host = "", ...headers }) => {
  const session = http2.connect(`http://127.0.0.1:${String(port)}`);
  const stream = session.request({ ":method": method, ":path": path, ":authority": host, ...headers });
  stream.end(method === "POST" ? "{}" : undefined);
  const [head] = (await once(stream.resume(), "response")) as [http2.IncomingHttpHeaders];
  session.destroy();
  return Number(head[":status"]);
};

const noProxies = new Proxies({ isTrusted: () => false, header: "auto" }, NO_NOTICES);
const json = { "content-type": "application/json" };
const versions: [string, Ask][] = [
  ["HTTP/1.1", askH1],
  ["HTTP/2", askH2],
];
const foreign = [
  "evil.example",
  "localhost.evil.example",
  "127.0.0.1.evil.example",
  "chat.example.com.evil.example",
  "x",
];

let server: TestServer;
let proxied: TestServer;
beforeAll(async () => {
  server = await startServer({
    ...roomy,
    CLIENT_URL: "https://chat.example.com",
    HOSTS: "sat.example.com, Other.Example",
  });
  proxied = await startServer({ ...roomy, TRUST_PROXY: "127.0.0.1", HOSTS: "sat.example.com" });
});
afterAll(() => Promise.all([server.close(), proxied.close()]));

describe.each(versions)("over %s", (_version, ask) => {
  it.each([
    "localhost",
    "LOCALHOST",
    "127.0.0.1",
    "192.168.0.7",
    "[::1]",
    "[2001:db8::7]",
    "chat.example.com",
    "sat.example.com",
    "other.example",
  ])("the public listener goes by %s", async (host) => {
    for (const authority of [host, `${host}:3001`]) {
      expect(await ask(server.port, "GET", "/healthz", { host: authority })).toBe(200);
      expect(await ask(server.port, "POST", leave, { ...json, host: authority })).toBe(401);
    }
  });

  it.each(foreign)("neither listener accepts the host %s, for any path", async (host) => {
    const origin = `http://${host}`; // which would match the host
    for (const path of ["/", "/healthz", "/readyz", leave, "/nowhere"]) {
      expect(await ask(server.port, "GET", path, { host })).toBe(421);
      expect(await ask(server.port, "POST", path, { ...json, host, origin })).toBe(421);
    }
    for (const path of ["/", "/metrics", stats]) {
      expect(await ask(server.internalPort, "GET", path, { host })).toBe(421);
      expect(await ask(server.internalPort, "POST", path, { ...json, host, origin })).toBe(421);
    }
  });

  it("the internal listener, bound to loopback, accepts only loopback names and those of HOSTS", async () => {
    for (const host of ["localhost", "127.0.0.1", "sat.example.com"]) {
      expect(await ask(server.internalPort, "POST", stats, { ...json, host })).toBe(200);
    }
    for (const host of ["192.168.0.7", "chat.example.com"]) {
      expect(await ask(server.internalPort, "POST", stats, { ...json, host })).toBe(421);
    }
  });

  it("behind a trusted proxy, the forwarded host counts", async () => {
    const forwarded = (host: string, name: string) =>
      ask(proxied.port, "GET", "/healthz", { host, "x-forwarded-host": name });
    expect(await forwarded("app.internal", "sat.example.com")).toBe(200);
    expect(await forwarded("app.internal", "evil.example, sat.example.com")).toBe(200);
    expect(await forwarded("sat.example.com", "evil.example")).toBe(421);
    // A page of a foreign host can send this; the proxy passes it on.
    for (const nothing of ["", ",", "sat.example.com,"]) {
      expect(await forwarded("sat.example.com", nothing)).toBe(200);
      expect(await forwarded("evil.example", nothing)).toBe(421);
    }
    expect(await ask(server.port, "GET", "/healthz", { host: "evil.example", "x-forwarded-host": "localhost" })).toBe(
      421,
    );
  });
});

it("quotes only the beginning of a refused name", async () => {
  const request = http.request({ port: server.port, path: "/healthz", headers: { host: "x".repeat(5_000) } }).end();
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  expect(Number(response.headers["content-length"] ?? (await text(response)).length)).toBeLessThan(300);
});

it("bound to other interfaces without TLS, the internal listener accepts no name that a page could point at it", async () => {
  const opened = { NODE_ENV: "test", INTERNAL_HOST: "0.0.0.0", INTERNAL_ALLOW_OPEN: "true", HOSTS: "ops.example" };
  const { hosts } = settingsFrom(loadConfig(opened)).internal;
  const bare = http.createServer(
    guardHosts((_request, response) => response.end(), hosts, new RequestReader(1_000, noProxies, NO_NOTICES)),
  );
  await once(bare.listen(0, "127.0.0.1"), "listening");
  const ask = (host: string) => askH1((bare.address() as AddressInfo).port, "GET", "/", { host });
  expect(await Promise.all(["192.168.0.7:3002", "localhost", "ops.example"].map(ask))).toEqual([200, 200, 200]);
  expect(await Promise.all(["evil.example:3002", "localhost.evil.example"].map(ask))).toEqual([421, 421]);
  bare.close();
});

it.each([{ INTERNAL_HOST: "::1" }, { HOST: "::" }, { HOST: "::", INTERNAL_HOST: "::1", HOSTS: "ops.example" }])(
  "bound as %j, no listener accepts an invalid name",
  async (bound) => {
    const { hosts } = settingsFrom(loadConfig({ NODE_ENV: "test", ...bound }))["HOST" in bound ? "public" : "internal"];
    const bare = http.createServer(
      guardHosts((_request, response) => response.end(), hosts, new RequestReader(1_000, noProxies, NO_NOTICES)),
    );
    await once(bare.listen(0, "127.0.0.1"), "listening");
    const ask = (host: string) => askH1((bare.address() as AddressInfo).port, "GET", "/", { host });
    expect(await Promise.all(["localhost:3002", "[::1]", "127.0.0.1:80"].map(ask))).toEqual([200, 200, 200]);
    for (const host of ["evil.example", "evil.example:1:2", ":3001", "[evil.example", "a:b:c", "]"]) {
      expect(await ask(host), host).toBe(421);
    }
    bare.close();
  },
);

it.each([
  ["Chat.Example.com.:443", "chat.example.com"],
  ["[::1]:3001", "::1"],
  ["localhost", "localhost"],
  ["a:b:c", ""],
  [":3001", ""],
  ["user@localhost", "user@localhost"],
])("%s is the name %j", (authority, name) => {
  expect(hostName(authority)).toBe(name);
});
