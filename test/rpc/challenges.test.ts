import { randomBytes } from "node:crypto";
import type { Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ProofOfWork } from "../../src/adapters/altcha/proof-of-work.js";
import { addressKeys } from "../../src/core/address-key.js";
import { appSecret, identityToken } from "../support/app-keys.js";
import { challengeFor, solve } from "../support/challenge.js";
import { roomy, uniqueInterest } from "../support/pair.js";
import { RedisServer } from "../support/redis.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { TestClient } from "../support/test-client.js";

const SESSION_SECRET = "s".repeat(32);
const hot = { ...roomy, TRUST_PROXY: "127.0.0.1", SESSION_SECRET, CHALLENGE: "auto", CHALLENGE_AFTER_NETWORK: "0" };
const [HOME, ELSEWHERE] = ["192.0.2.1", "198.51.100.1"];

const transports = {
  Connect: (server: TestServer, from: string) =>
    createConnectTransport({ baseUrl: server.url, httpVersion: "1.1", interceptors: [forwarded(from)] }),
  gRPC: (server: TestServer, from: string) =>
    createGrpcTransport({ baseUrl: server.url, interceptors: [forwarded(from)] }),
};

function forwarded(from: string): NonNullable<Parameters<typeof createGrpcTransport>[0]["interceptors"]>[number] {
  return (next) => (request) => {
    request.header.set("x-forwarded-for", from);
    return next(request);
  };
}

describe.each(["Connect", "gRPC"] as const)("a new session from a hot network, over %s", (protocol) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ ...hot, IDENTITY_SECRET: appSecret });
  });
  afterAll(() => server.close());

  const from = (address: string): Transport => transports[protocol](server, address);
  const open = (proof: string, address = HOME) => TestClient.open(from(address), { proof });
  /** A challenge as a server with these settings would make one for the network. */
  const made = ({ secret = SESSION_SECRET, realm = "main", agoMs = 0 }) => {
    const [network = ""] = addressKeys(SESSION_SECRET).networkOf(HOME).levels;
    const request = { network: network as never, effort: 0.01, nowMs: Date.now() - agoMs };
    return new ProofOfWork(secret, realm).create(request);
  };

  it("is refused, and opens with the solution; it then resumes without one", async () => {
    const refusal = await refusalOf(TestClient.open(from(HOME)));
    expect(refusal).toMatchObject({ code: "ResourceExhausted", reason: "CHALLENGE" });
    expect(refusal).not.toHaveProperty("problem");
    const person = await open(await solve(await challengeFor(from(HOME))));
    await person.match({ preferences: { interests: [uniqueInterest()] } }); // without a call, it would end with its stream
    await person.break();
    expect((await TestClient.open(from(HOME), person.resume)).welcome.sessionId).toBe(person.welcome.sessionId);
  });

  it("is not refused if the app vouches for the person", async () => {
    await TestClient.open(from(HOME), { identityToken: await identityToken({ sub: `ann over ${protocol}` }) });
  });

  it.each<[string, string, () => Promise<string>]>([
    [
      "that was used before",
      "spent",
      async () => {
        const solution = await solve(await challengeFor(from(HOME)));
        await open(solution);
        return solution;
      },
    ],
    ["of another network's challenge", "forged", async () => solve(await challengeFor(from(ELSEWHERE)))],
    ["of another realm's challenge", "forged", async () => solve(await made({ realm: "other" }))],
    ["of a challenge with another secret", "forged", async () => solve(await made({ secret: "x".repeat(32) }))],
    ["of an old challenge", "expired", async () => solve(await made({ agoMs: 120_000 }))],
    [
      "of a challenge whose expiry was changed",
      "forged",
      async () =>
        solve((await made({ agoMs: 120_000 })).replace(/"expires":\d+/, `"expires":${String(Date.now() + 60_000)}`)),
    ],
    [
      "that is not one",
      "wrong",
      async () => {
        const challenge = JSON.parse(await challengeFor(from(HOME))) as object;
        const solution = { counter: 1, derivedKey: randomBytes(32).toString("hex") };
        return Buffer.from(JSON.stringify({ challenge, solution })).toString("base64");
      },
    ],
    ["without content", "malformed", () => Promise.resolve(Buffer.from("{}").toString("base64"))],
    ["that is not JSON", "malformed", () => Promise.resolve("AAAA")],
  ])("is refused with a solution %s, and gets another challenge", async (_, problem, given) => {
    const solution = await given();
    const refusal = await refusalOf(open(solution));
    expect(refusal).toMatchObject({
      code: "ResourceExhausted",
      reason: "CHALLENGE",
      problem,
      field: "proof",
    });
    await open(await solve(await challengeFor(from(HOME), { proof: solution })));
  });

  it("is refused with a solution that is not base64, or too long", async () => {
    for (const solution of ["{}", "A".repeat(2_049)]) {
      expect(await refusalOf(open(solution))).toMatchObject({ code: "InvalidArgument" });
    }
  });
});

describe("challenges", () => {
  const servers: TestServer[] = [];
  const start = async (variables: Record<string, string>) => {
    const server = await startServer(variables);
    servers.push(server);
    return server;
  };
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });
  const from = (server: TestServer, address: string) => transports.Connect(server, address);

  it("begin when a network opens more sessions than CHALLENGE_AFTER_NETWORK, for that network only", async () => {
    const server = await start({ ...hot, CHALLENGE_AFTER_NETWORK: "3" });
    for (let count = 0; count < 4; count++) await TestClient.open(from(server, `192.0.2.${String(count)}`));
    await challengeFor(from(server, "192.0.2.99"));
    await TestClient.open(from(server, ELSEWHERE));
  });

  it("begin when a household of many IPv6 networks opens four times as many", async () => {
    const server = await start({ ...hot, CHALLENGE_AFTER_NETWORK: "1" });
    for (let subnet = 0; subnet < 5; subnet++) await TestClient.open(from(server, `2001:db8:1:${String(subnet)}::1`));
    await challengeFor(from(server, "2001:db8:1:ff::1"));
    await TestClient.open(from(server, "2001:db8:2:ff::1"));
  });

  it("begin for everybody when all together open more than CHALLENGE_AFTER_ALL", async () => {
    const server = await start({ ...hot, CHALLENGE_AFTER_NETWORK: "100", CHALLENGE_AFTER_ALL: "3" });
    for (let count = 0; count < 4; count++) await TestClient.open(from(server, `192.0.${String(count)}.1`));
    await challengeFor(from(server, ELSEWHERE));
  });

  it("are counted in the metrics", async () => {
    const server = await start(hot);
    const proof = await solve(await challengeFor(from(server, HOME)));
    await TestClient.open(from(server, HOME), { proof });
    await challengeFor(from(server, HOME), { proof });
    const text = await (await fetch(`${server.internalUrl}/metrics`)).text();
    expect(text).toContain('satoshigle_challenges_total{outcome="issued"} 2');
    expect(text).toContain('satoshigle_challenges_total{outcome="solved"} 1');
    expect(text).toContain('satoshigle_challenges_total{outcome="refused"} 1');
  });

  it("of one instance are solved on another, once", async () => {
    const redis = await RedisServer.start();
    const shared = { ...hot, REDIS_ENABLED: "true", REDIS_URL: redis.url };
    const [one, other] = [await start(shared), await start(shared)];
    const proof = await solve(await challengeFor(from(one, HOME)));
    await TestClient.open(from(other, HOME), { proof });
    const again = TestClient.open(from(one, HOME), { proof });
    expect(await refusalOf(again)).toMatchObject({ reason: "CHALLENGE", problem: "spent" });
    for (const server of servers.splice(0)) await server.close();
    await redis.close();
  });
});
