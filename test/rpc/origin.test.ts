import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callJson, request } from "../support/http.js";
import { expectUnharmed, pair, roomy } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { readRefusal } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";

const match = "satoshigle.v1.MatchService/Match";
const leave = "satoshigle.v1.MatchService/Leave";
const allowed = ["https://chat.example.com", "https://www.example.com:8443", "http://192.168.0.7:5173"];
const denied = [
  "https://evil.example.com",
  "http://chat.example.com",
  "https://chat.example.com:444",
  "https://chat.example.com.evil.com",
  "https://chat.example.com/",
  "null",
  "",
];

let server: TestServer;
let person: TestClient;
beforeAll(async () => {
  server = await startServer({
    ...roomy,
    CLIENT_URL: "https://chat.example.com, https://www.example.com:8443",
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
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    await expectUnharmed(two);
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
  function preflight(origin: string) {
    return request(`${server.url}/${match}`, {
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

  it.each(denied.slice(0, -1))("from %s is answered with nothing that allows a call", async (origin) => {
    const answer = await preflight(origin);
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
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
