import type { Transport } from "@connectrpc/connect";
import { once } from "node:events";
import net from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { pair, roomy, uniqueInterest } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { RedisServer } from "../support/redis.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { behindProxy, knockAt, transportFrom } from "./support/networks.js";

const used = { code: "ResourceExhausted", reason: "LIMIT_REACHED" };

let server: TestServer;
afterEach(() => server.close());

const knock = (from?: string, token?: string) => knockAt(server, from, token);

async function knockTimes(count: number, from?: string): Promise<void> {
  for (let index = 0; index < count; index++) expect(await knock(from)).toBe("Unauthenticated");
}

describe("calls per session", () => {
  it("beyond RATE_LIMIT_MAX_REQUESTS are refused with a retry delay; other sessions are served", async () => {
    server = await startServer({ RATE_LIMIT_MAX_REQUESTS: "5", RATE_LIMIT_WINDOW_MS: "60000" });
    const [busy, quiet] = [
      await TestClient.open(transportTo(server.url)),
      await TestClient.open(transportTo(server.url)),
    ];
    for (let index = 0; index < 5; index++) await busy.leave();
    const refusal = await refusalOf(busy.leave());
    expect(refusal).toMatchObject(used);
    expect(refusal.message).toContain("session");
    expect(refusal.retryMs).toBeGreaterThan(50_000);
    expect(refusal.retryMs).toBeLessThanOrEqual(60_000);
    await quiet.leave();
  });

  it("are counted from zero when the window is over", async () => {
    server = await startServer({ RATE_LIMIT_MAX_REQUESTS: "1", RATE_LIMIT_WINDOW_MS: "1000" });
    const person = await TestClient.open(transportTo(server.url));
    await person.leave();
    expect(await refusalOf(person.leave())).toMatchObject(used);
    await vi.waitFor(() => person.leave(), { timeout: 60_000, interval: 250 });
  });

  it("count streams too, which limits reconnects", async () => {
    server = await startServer({ RATE_LIMIT_MAX_REQUESTS: "2" });
    const { transport, resume } = await TestClient.open(transportTo(server.url));
    await TestClient.open(transport, resume);
    await TestClient.open(transport, resume);
    expect(await refusalOf(TestClient.open(transport, resume))).toMatchObject(used);
  });

  it("are stated in Welcome", async () => {
    server = await startServer({ RATE_LIMIT_MAX_REQUESTS: "7", RATE_LIMIT_WINDOW_MS: "2500" });
    const { welcome } = await TestClient.open(transportTo(server.url));
    expect(welcome.limits).toMatchObject({ maxCalls: 7, callWindow: { seconds: 2n, nanos: 500_000_000 } });
  });
});

describe("calls per address", () => {
  it("beyond ten times as many are refused, with any token", async () => {
    server = await startServer({ RATE_LIMIT_MAX_REQUESTS: "1", RATE_LIMIT_WINDOW_MS: "60000" });
    for (let index = 0; index < 10; index++) expect(await knock(undefined, "forged.token")).toBe("Unauthenticated");
    const refusal = await refusalOf(TestClient.open(transportTo(server.url)));
    expect(refusal).toMatchObject(used);
    expect(refusal.message).toContain("address");
    expect(refusal.retryMs).toBeGreaterThan(0);
  });
});

describe("x-forwarded-for", () => {
  it("is ignored without TRUST_PROXY, so that a client cannot choose its address", async () => {
    server = await startServer({ RATE_LIMIT_MAX_REQUESTS: "1" });
    for (let index = 0; index < 10; index++) expect(await knock(`10.0.0.${String(index)}`)).toBe("Unauthenticated");
    expect(await knock("10.0.0.99")).toBe("ResourceExhausted");
  });

  it("counts without the ports that some proxies append", async () => {
    server = await startServer({ RATE_LIMIT_MAX_REQUESTS: "1", TRUST_PROXY: "127.0.0.1, 10.0.0.1" });
    for (let index = 0; index < 10; index++) {
      expect(await knock(`192.0.2.1:${String(50_000 + index)}, 10.0.0.1:80`)).toBe("Unauthenticated");
      expect(await knock(`[2001:db8::${String(index)}]:${String(50_000 + index)}`)).toBe("Unauthenticated");
    }
    expect(await knock("192.0.2.1:60000, 10.0.0.1:81")).toBe("ResourceExhausted");
    expect(await knock("[2001:db8::99]:60000")).toBe("ResourceExhausted");
    expect(await knock("192.0.2.2:60000, 10.0.0.1:80")).toBe("Unauthenticated");
  });

  it("counts an address once, in every form that proxies write", async () => {
    server = await startServer({ RATE_LIMIT_MAX_REQUESTS: "1", TRUST_PROXY: "127.0.0.1" });
    const forms = ["192.0.2.1", "192.0.2.1:40001", '"192.0.2.1:40002"', "[::ffff:192.0.2.1]:40003", " 192.0.2.1 "];
    for (let index = 0; index < 10; index++) expect(await knock(forms[index % 5])).toBe("Unauthenticated");
    for (const form of forms) expect(await knock(form)).toBe("ResourceExhausted");
  });

  it("is ignored from a peer that TRUST_PROXY does not name", async () => {
    server = await startServer({ RATE_LIMIT_MAX_REQUESTS: "1", TRUST_PROXY: "10.0.0.0/8, ::1" });
    await knockTimes(10, "192.0.2.1");
    expect(await knock("192.0.2.2")).toBe("ResourceExhausted");
  });

  it("counts from a peer that TRUST_PROXY names, for each forwarded address separately", async () => {
    server = await startServer({ RATE_LIMIT_MAX_REQUESTS: "1", TRUST_PROXY: "127.0.0.0/8" });
    await knockTimes(10, "192.0.2.1");
    expect(await knock("192.0.2.1")).toBe("ResourceExhausted");
    expect(await knock("192.0.2.2")).toBe("Unauthenticated");
  });

  it("counts the address that the trusted proxy appended, not those that the caller sent", async () => {
    server = await startServer({ RATE_LIMIT_MAX_REQUESTS: "1", TRUST_PROXY: "127.0.0.1" });
    for (let index = 0; index < 10; index++) {
      expect(await knock(`10.9.9.${String(index)}, 192.0.2.1`)).toBe("Unauthenticated");
    }
    expect(await knock("10.9.9.99, 192.0.2.1")).toBe("ResourceExhausted");
  });

  it("counts the /64 of an IPv6 address as one", async () => {
    server = await startServer({ RATE_LIMIT_MAX_REQUESTS: "1", TRUST_PROXY: "127.0.0.1" });
    for (let index = 0; index < 10; index++) expect(await knock(`2001:db8::${String(index)}`)).toBe("Unauthenticated");
    expect(await knock("2001:db8::ffff")).toBe("ResourceExhausted");
    expect(await knock("2001:db8:0:1::1")).toBe("Unauthenticated");
  });
});

describe("MAX_CONNECTIONS_PER_IP", () => {
  it("refuses further streams with a retry delay, and accepts one when another ends", async () => {
    server = await startServer({ MAX_CONNECTIONS_PER_IP: "2" });
    const transport = transportTo(server.url);
    const first = await TestClient.open(transport);
    await TestClient.open(transport);
    const refusal = await refusalOf(TestClient.open(transport));
    expect(refusal).toMatchObject(used);
    expect(refusal.retryMs).toBeGreaterThan(0);
    await first.break();
    await vi.waitFor(() => TestClient.open(transport), { timeout: 60_000 });
  });

  it("lets a session resume at the limit while its old stream still counts", async () => {
    server = await startServer({ MAX_CONNECTIONS_PER_IP: "1" });
    const transport = transportTo(server.url);
    const first = await TestClient.open(transport);
    const again = await TestClient.open(transport, first.resume);
    expect(again.welcome.sessionId).toBe(first.welcome.sessionId);
    expect(await refusalOf(TestClient.open(transport))).toMatchObject(used);
  });

  it("releases two partners whose streams break at the same moment", async () => {
    server = await startServer({ ...roomy, MAX_CONNECTIONS_PER_IP: "20" });
    const transport = transportTo(server.url);
    for (let round = 0; round < 4; round++) {
      const pairs = await Promise.all(Array.from({ length: 10 }, () => pair(transport)));
      await Promise.all(pairs.flatMap(({ offerer, answerer }) => [offerer.break(), answerer.break()]));
      await vi.waitFor(() => openAndBreak(transport, 20), { timeout: 60_000, interval: 100 });
    }
  });

  /** Fails unless this many streams can be open at once. */
  async function openAndBreak(transport: Transport, count: number): Promise<void> {
    const opened = await Promise.allSettled(Array.from({ length: count }, () => TestClient.open(transport)));
    await Promise.all(opened.map(async (one) => one.status === "fulfilled" && (await one.value.break())));
    expect(opened.filter(({ status }) => status === "rejected")).toEqual([]);
  }

  it("drops connections beyond eight times as many, before they send anything", async () => {
    server = await startServer({ MAX_CONNECTIONS_PER_IP: "1" });
    const sockets = Array.from({ length: 8 }, () => net.connect(server.port, "127.0.0.1"));
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    const beyond = net.connect(server.port, "127.0.0.1").on("error", () => undefined);
    await once(beyond, "close");
    expect(sockets.every((socket) => !socket.closed)).toBe(true);
    sockets.forEach((socket) => socket.destroy());
    await vi.waitFor(() => TestClient.open(transportTo(server.url)), { timeout: 60_000 });
  });

  it("does not count the connections of a trusted proxy", async () => {
    server = await startServer({ MAX_CONNECTIONS_PER_IP: "1", TRUST_PROXY: "127.0.0.1" });
    const sockets = Array.from({ length: 9 }, () => net.connect(server.port, "127.0.0.1"));
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    await TestClient.open(transportTo(server.url));
    sockets.forEach((socket) => socket.destroy());
  });
});

describe("MAX_SESSIONS_PER_NETWORK", () => {
  /** A session that asked for a partner and lost its stream, so that it is kept for a while. */
  async function comeAndGo(on: TestServer, address: string): Promise<TestClient> {
    const person = await TestClient.open(transportFrom(on, address));
    await person.match({ preferences: { interests: [uniqueInterest()] } });
    await person.break();
    return person;
  }

  it("refuses further sessions even if few streams are open, and still resumes existing ones", async () => {
    server = await startServer({ ...roomy, TRUST_PROXY: "127.0.0.1", MAX_SESSIONS_PER_NETWORK: "3" });
    const [first] = [await comeAndGo(server, "192.0.2.1"), await comeAndGo(server, "192.0.2.1")];
    const third = await TestClient.open(transportFrom(server, "192.0.2.1"));
    const refusal = await refusalOf(TestClient.open(transportFrom(server, "192.0.2.1")));
    expect(refusal).toMatchObject({ ...used, message: expect.stringContaining("from this network") as string });
    expect(refusal.retryMs).toBeGreaterThan(0);
    expect((await TestClient.open(transportFrom(server, "192.0.2.1"), first.resume)).welcome.resumed).toBe(true);
    await TestClient.open(transportFrom(server, "192.0.2.2"));
    await third.break(); // it never made a request
    await vi.waitFor(() => TestClient.open(transportFrom(server, "192.0.2.1")), { timeout: 60_000, interval: 50 });
  });

  it("defaults to five times MAX_CONNECTIONS_PER_IP", async () => {
    server = await startServer({ ...behindProxy, MAX_CONNECTIONS_PER_IP: "1", RATE_LIMIT_MAX_REQUESTS: "1000" });
    const soon = { timeout: 60_000, interval: 20 }; // a stream that ends counts for a moment
    for (let count = 0; count < 5; count++) await vi.waitFor(() => comeAndGo(server, "192.0.2.1"), soon);
    await vi.waitFor(async () => {
      const { message, problem } = await refusalOf(TestClient.open(transportFrom(server, "192.0.2.1")));
      expect(message).toContain("too many sessions from this network");
      expect(problem).toBe("network");
    }, soon);
  });

  it("counts the sessions of all instances, and of a whole IPv6 household", async () => {
    const redis = await RedisServer.start();
    const shared = { REDIS_ENABLED: "true", REDIS_URL: redis.url, SESSION_SECRET: "s".repeat(32) };
    const variables = { ...roomy, ...shared, TRUST_PROXY: "127.0.0.1", MAX_SESSIONS_PER_NETWORK: "1" };
    const other = await startServer(variables);
    server = await startServer(variables);
    await comeAndGo(server, "192.0.2.1");
    expect(await refusalOf(TestClient.open(transportFrom(other, "192.0.2.1")))).toMatchObject(used);
    for (const [subnet, on] of [server, other, server, other].entries()) {
      await comeAndGo(on, `2001:db8:1:${String(subnet)}::1`);
    }
    expect(await refusalOf(TestClient.open(transportFrom(other, "2001:db8:1:9::1")))).toMatchObject(used);
    await TestClient.open(transportFrom(other, "2001:db8:1:100::1"));
    await other.close();
    await server.close();
    await redis.close();
    server = await startServer();
  });
});

describe("MAX_SESSIONS", () => {
  it("refuses further sessions with a retry delay, and still resumes existing ones", async () => {
    server = await startServer({ MAX_SESSIONS: "2" });
    const transport = transportTo(server.url);
    const first = await TestClient.open(transport);
    await TestClient.open(transport);
    const refusal = await refusalOf(TestClient.open(transport));
    expect(refusal).toMatchObject(used);
    expect(refusal.retryMs).toBeGreaterThan(0);
    const again = await TestClient.open(transport, first.resume);
    expect(again.welcome.resumed).toBe(true);
  });

  it("accepts a new session when another ends", async () => {
    server = await startServer({ MAX_SESSIONS: "1", MAX_DISCONNECTION_DURATION_MS: "1000" });
    const first = await TestClient.open(transportTo(server.url));
    await first.break();
    const later = await vi.waitFor(() => TestClient.open(transportTo(server.url)), { timeout: 60_000, interval: 250 });
    expect(later.welcome.sessionId).not.toBe(first.welcome.sessionId);
  });
});
