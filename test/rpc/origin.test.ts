import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callJson, request } from "../support/http.js";
import { expectUnharmed, pair, roomy } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { readRefusal } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";

const match = "satoshigle.v1.MatchService/Match";
const leave = "satoshigle.v1.MatchService/Leave";
const allowed = [
  ...["https://chat.example.com", "https://www.example.com:8443", "http://192.168.0.7:5173"],
  ...["https://any.wild.example", "capacitor://localhost", "chrome-extension://abcdefghijklmnop"],
];
const denied = [
  "https://evil.example.com",
  "http://chat.example.com",
  "https://chat.example.com:444",
  "https://chat.example.com.evil.com",
  "https://chat.example.com/",
  "https://wild.example",
  "https://a.b.wild.example",
  "ionic://localhost",
  "null",
  "",
];

let server: TestServer;
let person: TestClient;
beforeAll(async () => {
  server = await startServer({
    ...roomy,
    CLIENT_URL:
      "https://chat.example.com, https://www.example.com:8443, https://*.wild.example, capacitor://localhost, chrome-extension://abcdefghijklmnop",
    CLIENT_IP_URL: "http://192.168.0.7:5173",
  });
  person = await TestClient.open(transportTo(server.url));
});
afterAll(() => server.close());

function callFrom(origin: string) {
  return callJson(server.url, leave, {}, person.welcome.token, { origin });
}

describe("a page's origin", () => {
  it.each(allowed)("%s is allowed, with CORS headers", async (origin) => {
    const answer = await callFrom(origin);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("access-control-allow-origin")).toBe(origin);
    expect(answer.headers.get("vary")?.toLowerCase()).toContain("origin");
  });

  it("that is the server's own is allowed", async () => {
    expect((await callFrom(server.url)).status).toBe(200);
  });

  it("may be missing, as programs send none", async () => {
    expect((await callJson(server.url, leave, {}, person.welcome.token)).status).toBe(200);
  });

  it.each(denied)("%j is denied, and the call has no effect", async (origin) => {
    const two = await pair(transportTo(server.url));
    const answer = await callJson(server.url, leave, {}, two.offerer.welcome.token, { origin });
    expect(answer.status).toBe(403);
    expect(readRefusal(answer.error)).toMatchObject({ code: "PermissionDenied", reason: "ORIGIN_DENIED" });
    await expectUnharmed(two);
  });

  it("that is denied may read that it is, and nothing else", async () => {
    const origin = "https://evil.example.com";
    const refusal = await callFrom(origin);
    expect(refusal.headers.get("access-control-allow-origin")).toBe(origin);
    expect(refusal.headers.get("access-control-allow-credentials")).toBeNull();
    expect(Object.keys(JSON.parse(refusal.text) as object).sort()).toEqual(["code", "details", "message"]);
    const others = [
      request(`${server.url}/`, { headers: { origin } }),
      request(`${server.url}/readyz`, { headers: { origin } }),
      request(`${server.url}/${leave}`, { headers: { origin } }),
      request(`${server.url}/${leave}`, {
        method: "POST",
        headers: { origin, "content-type": "text/plain" },
        body: "x",
      }),
      request(`${server.url}/${leave.replace("Leave", "%4ceave")}`, { method: "POST", headers: { origin } }),
      request(`${server.internalUrl}/satoshigle.internal.v1.MonitoringService/GetStats`, {
        method: "POST",
        headers: { origin, "content-type": "application/json" },
        body: "{}",
      }),
    ];
    for (const answer of await Promise.all(others)) {
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    }
  });

  it("with the port of the server under another name is denied", async () => {
    expect((await callFrom(`http://localhost:${String(server.port)}`)).status).toBe(403);
  });

  it("that is denied opens no stream", async () => {
    const answer = await request(`${server.url}/satoshigle.v1.SignalService/Signal`, {
      method: "POST",
      headers: { "content-type": "application/connect+json", origin: "https://evil.example.com" },
      body: Buffer.from([0, 0, 0, 0, 2, 123, 125]),
    });
    expect(answer.text).not.toContain("welcome");
    expect(readRefusal(answer.error)).toMatchObject({ code: "PermissionDenied", reason: "ORIGIN_DENIED" });
  });
});

describe("a preflight", () => {
  function preflight(origin: string, path = match) {
    return request(`${server.url}/${path}`, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,connect-protocol-version,content-type",
      },
    });
  }

  it.each(allowed)("from %s is answered with all that a call needs", async (origin) => {
    const answer = await preflight(origin);
    expect(answer.status).toBe(204);
    expect(answer.headers.get("access-control-allow-origin")).toBe(origin);
    expect(answer.headers.get("access-control-allow-methods")).toBe("POST");
    const headers = answer.headers.get("access-control-allow-headers")?.toLowerCase().split(/, */);
    for (const header of ["authorization", "content-type", "connect-protocol-version", "x-grpc-web", "grpc-timeout"]) {
      expect(headers).toContain(header);
    }
    expect(answer.headers.get("access-control-max-age")).toBe("7200");
    expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
  });

  it.each(denied.slice(0, -1))(
    "from %s lets the page call a method, to read why it is refused, and nothing else",
    async (origin) => {
      expect((await preflight(origin)).headers.get("access-control-allow-origin")).toBe(origin);
      for (const path of ["", "readyz", `${match}/more`, "nowhere", match.replace("Match", "match")]) {
        expect((await preflight(origin, path)).headers.get("access-control-allow-origin"), path).toBeNull();
      }
    },
  );

  it.each([
    "baggage",
    "sentry-trace",
    "traceparent",
    "tracestate",
    "b3",
    "x-datadog-trace-id",
    "elastic-apm-traceparent",
  ])("allows %s, which monitoring adds to every call", async (header) => {
    const { headers } = await preflight("https://chat.example.com");
    expect(headers.get("access-control-allow-headers")?.split(/, */)).toContain(header);
  });

  it.each(["x-forwarded-for", "x-forwarded-host", "forwarded", "cookie", "*"])("does not allow %s", async (header) => {
    const { headers } = await preflight("https://chat.example.com");
    expect(headers.get("access-control-allow-headers")?.split(/, */)).not.toContain(header);
  });
});

describe("behind a trusted proxy", () => {
  it("the server's own origin is the one that the proxy forwards", async () => {
    const proxied = await startServer({ ...roomy, TRUST_PROXY: "127.0.0.1", HOSTS: "sat.example.com" });
    const visitor = await TestClient.open(transportTo(proxied.url));
    const headers = { "x-forwarded-host": "sat.example.com", "x-forwarded-proto": "https" };
    const call = (origin: string) => callJson(proxied.url, leave, {}, visitor.welcome.token, { ...headers, origin });
    expect((await call("https://sat.example.com")).status).toBe(200);
    expect((await call(proxied.url)).status).toBe(403);
    await proxied.close();
  });

  it("but not the one that an untrusted peer sends", async () => {
    const headers = { "x-forwarded-host": "evil.example.com", origin: "http://evil.example.com" };
    const answer = await callJson(server.url, leave, {}, person.welcome.token, headers);
    expect(answer.status).toBe(403);
  });
});

describe("a refused origin is logged once, with what to set", () => {
  it("by a page of another server", async () => {
    const own = await startServer({ ...roomy, CLIENT_URL: "https://chat.example.com" });
    const call = (headers: Record<string, string>) => callJson(own.url, leave, {}, undefined, headers);
    for (let times = 0; times < 3; times++) await call({ origin: "https://other.example" });
    expect(own.log.split("pages of https://other.example may not call this server")).toHaveLength(2);
    expect(own.log).toContain("to allow them, add https://other.example to CLIENT_URL");
    await call({ origin: "https://chat.example.com" });
    await call({ origin: own.url });
    expect(own.log.match(/may not call/g)).toHaveLength(1);
    await own.close();
  });

  it("by as few origins as a log can bear, and by none that is no origin", async () => {
    const own = await startServer(roomy);
    const call = (origin: string) => callJson(own.url, leave, {}, undefined, { origin });
    for (let index = 0; index < 100; index++) await call(`https://${String(index)}.example`);
    await call(`https://${"x".repeat(200)}.example`);
    await call("https://evil.example/path with spaces");
    expect(own.log.match(/may not call/g)).toHaveLength(20);
    await own.close();
  });

  it("by the server's own page behind a proxy that replaces the host, or names the wrong scheme", async () => {
    const own = await startServer({ ...roomy, TRUST_PROXY: "127.0.0.1", HOSTS: "chat.example.com" });
    const call = (headers: Record<string, string>) => callJson(own.url, leave, {}, undefined, headers);
    await call({ origin: "https://chat.example.com", "sec-fetch-site": "same-origin" });
    expect(own.log).toContain(
      "make it pass the host on (see docs/scaling.md), or add https://chat.example.com to CLIENT_URL",
    );
    const proxied = { "x-forwarded-host": "www.example.com", "x-forwarded-proto": "http" };
    const another = await startServer({ ...roomy, TRUST_PROXY: "127.0.0.1", HOSTS: "www.example.com" });
    await callJson(another.url, leave, {}, undefined, { ...proxied, origin: "https://www.example.com" });
    expect(another.log).toContain("make it send the scheme that browsers use (X-Forwarded-Proto)");
    await Promise.all([own.close(), another.close()]);
  });

  it("and so is a refused host", async () => {
    const own = await startServer({ ...roomy, TRUST_PROXY: "127.0.0.1" });
    for (let times = 0; times < 2; times++) {
      const answer = await request(`${own.url}/healthz`, { headers: { "x-forwarded-host": "chat.example.com" } });
      expect(answer.status).toBe(421);
    }
    expect(own.log.match(/to serve them, add chat\.example\.com to HOSTS/g)).toHaveLength(1);
    await own.close();
  });
});

it("the server's own page may call behind a proxy that ends TLS without saying so", async () => {
  const own = await startServer({ ...roomy, TRUST_PROXY: "127.0.0.1", HOSTS: "chat.example.com" });
  const visitor = await TestClient.open(transportTo(own.url));
  const call = (headers: Record<string, string>) => callJson(own.url, leave, {}, visitor.welcome.token, headers);
  const proxied = { "x-forwarded-host": "chat.example.com" };
  expect((await call({ ...proxied, origin: "https://chat.example.com" })).status).toBe(200);
  expect((await call({ ...proxied, origin: "http://chat.example.com" })).status).toBe(200);
  expect((await call({ ...proxied, origin: "https://chat.example.com:444" })).status).toBe(403);
  expect((await call({ origin: own.url.replace("http:", "https:") })).status).toBe(200);
  await own.close();
});
