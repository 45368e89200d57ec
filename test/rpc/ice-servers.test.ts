import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { roomy } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { RedisServer } from "../support/redis.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { behindProxy, keyOf, transportFrom } from "./support/networks.js";
import { Operator } from "./support/operator.js";

const turn = { TURN_URLS: "turn:turn.example.com", TURN_SECRET: "north", TURN_CREDENTIALS_PER_HOUR: "3" };
const variables = { ...roomy, ...behindProxy, ...turn, SESSION_SECRET: "s".repeat(32) };

let redis: RedisServer;
let servers: Record<string, [here: TestServer, there: TestServer]>;
beforeAll(async () => {
  redis = await RedisServer.start();
  const shared = { ...variables, REDIS_ENABLED: "true", REDIS_URL: redis.url };
  const alone = await startServer(variables);
  const library = await startServer({ ...variables, FAST_PATH: "false" });
  servers = {
    "in memory": [alone, alone],
    "in memory, served by the library": [library, library],
    "in Redis": [await startServer(shared), await startServer(shared)],
  };
});
afterAll(async () => {
  const all = new Set(Object.values(servers).flat());
  await Promise.all([...all].map((server) => server.close()));
  await redis.close();
});

const open = (server: TestServer, address: string) => TestClient.open(transportFrom(server, address));

/** The same session, on another instance. */
function elsewhere(person: TestClient, server: TestServer, address: string): Promise<TestClient> {
  return TestClient.open(transportFrom(server, address), { token: person.welcome.token });
}

describe.each(["in memory", "in memory, served by the library", "in Redis"])(
  "credentials for the relay, %s",
  (where) => {
    const network = Object.keys({ "in memory": 0, "in memory, served by the library": 1, "in Redis": 2 }).indexOf(
      where,
    );
    const at = (host: number, subnet = 0) => `203.0.${String(100 + network * 10 + subnet)}.${String(host)}`;
    const both = () => servers[where] ?? expect.unreachable();

    it("are not in Welcome, which only states that they exist", async () => {
      const { welcome } = await open(both()[0], at(1));
      expect(welcome.relayAvailable).toBe(true);
      expect(welcome.iceServers).toEqual([]);
    });

    it("are limited per address and hour, across instances, without affecting its neighbors", async () => {
      const [here, there] = both();
      const person = await open(here, at(2, 1));
      const first = await person.getIceServers();
      expect(first.iceServers).toMatchObject([{ urls: ["turn:turn.example.com"] }]);
      expect(first.iceServers[0]?.credential).toMatch(/^[A-Za-z0-9+/]{27}=$/);
      await person.getIceServers();
      await (await elsewhere(person, there, at(2, 1))).getIceServers();
      for (const server of [here, there]) {
        const neighbour = await open(server, at(2, 1));
        const refusal = await refusalOf(neighbour.getIceServers());
        expect(refusal).toMatchObject({ code: "ResourceExhausted", reason: "LIMIT_REACHED" });
        expect(refusal.retryMs).toBeGreaterThan(3_500_000);
        expect(refusal.retryMs).toBeLessThanOrEqual(3_600_000);
      }
      await (await open(here, at(3, 1))).getIceServers();
    });

    it("are limited to 4 times as many for a whole network", async () => {
      const [here] = both();
      for (let host = 1; host <= 12; host++) await (await open(here, at(host, 5))).getIceServers();
      expect(await refusalOf((await open(here, at(13, 5))).getIceServers())).toMatchObject({ reason: "LIMIT_REACHED" });
    });

    it("count a /64 of IPv6 as one", async () => {
      const [here] = both();
      const home = `2001:db8:${String(network)}:1:`;
      for (const host of ["1", "2", "3"]) await (await open(here, `${home}:${host}`)).getIceServers();
      expect(await refusalOf((await open(here, `${home}:4`)).getIceServers())).toMatchObject({
        reason: "LIMIT_REACHED",
      });
    });

    it("are refused without a session, and after the session ended", async () => {
      const [here] = both();
      const stranger = await open(here, at(2, 3));
      const { token } = stranger.welcome;
      await stranger.match({});
      await stranger.break(); // a session that never asked for a partner would end with it
      const call = (authorization: string) =>
        fetch(`${here.url}/satoshigle.v1.SignalService/GetIceServers`, {
          method: "POST",
          headers: { "content-type": "application/json", "x-forwarded-for": at(2, 3), authorization },
          body: "{}",
        });
      expect((await call(`Bearer ${token}x`)).status).toBe(401);
      const refused = await fetch(`${here.url}/satoshigle.v1.SignalService/GetIceServers`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: "{}",
      });
      expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([401, "unauthenticated"]);
      const given = (await (await call(`Bearer ${token}`)).json()) as { iceServers: { lifetime: string }[] };
      expect(given.iceServers).toMatchObject([{ lifetime: "600s" }]);
    });

    it("are refused to a banned network", async () => {
      const [here] = both();
      const operator = new Operator(here.internalPort);
      const addressKey = await keyOf(here, operator, at(2, 4));
      const bad = await open(here, at(2, 4));
      await bad.getIceServers();
      await operator.call("ban", { addressKey });
      expect(await refusalOf(bad.getIceServers())).toMatchObject({ code: "PermissionDenied", reason: "BANNED" });
      operator.close();
    });
  },
);

it("are the same over all protocols", async () => {
  const server = await startServer({ ...roomy, ...turn, TURN_CREDENTIALS_PER_HOUR: "100" });
  const first = await TestClient.open(transportTo(server.url));
  const { token } = first.welcome;
  await first.match({});
  const transports = [
    createConnectTransport({ baseUrl: server.url, httpVersion: "1.1", useBinaryFormat: false }),
    createConnectTransport({ baseUrl: server.url, httpVersion: "1.1", useBinaryFormat: true }),
    createGrpcTransport({ baseUrl: server.url }),
  ];
  for (const transport of transports) {
    const person = await TestClient.open(transport, { token });
    expect((await person.getIceServers()).iceServers).toMatchObject([{ lifetime: { seconds: 600n } }]);
    await person.break();
  }
  await server.close();
});

it("are absent without TURN, and use up no budget then", async () => {
  const server = await startServer({ ...roomy, STUN_URLS: "stun:x.example.com", TURN_CREDENTIALS_PER_HOUR: "1" });
  const person = await TestClient.open(transportTo(server.url));
  expect(person.welcome.relayAvailable).toBe(false);
  for (let times = 0; times < 3; times++) {
    expect((await person.getIceServers()).iceServers).toMatchObject([{ urls: ["stun:x.example.com"] }]);
  }
  await server.close();
});
