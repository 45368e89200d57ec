import { createConnectTransport } from "@connectrpc/connect-node";
import type { Transport } from "@connectrpc/connect";
import { randomBytes } from "node:crypto";
import net from "node:net";
import { expect, it, vi } from "vitest";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { Description_Type } from "../../gen/satoshigle/v1/signal_pb.js";
import { ServerProcess } from "../e2e/support/server-process.js";
import { TestClient } from "../support/test-client.js";
import { on } from "../support/redis-cluster.js";
import { RedisServer } from "../support/redis.js";
import { sdp } from "../support/sdp.js";
import { Fleet } from "./support/fleet.js";
import { moveSlot } from "./support/move-slot.js";
import { type Way, ways } from "./support/refusing.js";
import { PATIENCE_MS } from "../support/patience.js";

/** Unique texts, one for each kind of content that must not be logged. */
const canary = (name: string) => `${name}canary${randomBytes(8).toString("hex")}`;
const secrets = {
  sdp: canary("sdp"),
  candidate: canary("candidate"),
  comment: canary("comment"),
  tipComment: canary("tip"),
  preimage: randomBytes(32).toString("hex"),
  interest: canary("i").slice(0, 30),
  token: canary("token"),
  /** A forwarded address, and a forwarded text that is not an address. */
  address: "203.0.113.77",
  address6: "2001:db8:ca4a:27::77",
  noAddress: canary("address"),
};

/** How a text can appear in a log: as it is, or as base64 at any offset. */
function disguises(text: string): string[] {
  const shifted = [0, 1, 2].map((shift) =>
    Buffer.from(" ".repeat(shift) + text)
      .toString("base64")
      .slice(shift === 0 ? 0 : 4, -4),
  );
  return [text, ...shifted, Buffer.from(text).toString("hex")];
}

const description = { type: Description_Type.OFFER, sdp: sdp(`a=x:${secrets.sdp}`), connectionId: "" };
const candidates = [
  {
    kind: {
      case: "candidate" as const,
      value: { candidate: `candidate:1 1 udp 1 10.0.0.1 9 typ host x ${secrets.candidate}` },
    },
  },
];

function transportFrom(url: string, address: string): Transport {
  return createConnectTransport({
    baseUrl: url,
    httpVersion: "1.1",
    interceptors: [
      (next) => (request) => {
        request.header.set("x-forwarded-for", address);
        return next(request);
      },
    ],
  });
}

/** Two clients are matched, make every kind of call, and end with a report. */
async function meet(ann: TestClient, bob: TestClient): Promise<void> {
  const preferences = { interests: [secrets.interest] };
  await ann.match({ preferences });
  await bob.match({ preferences, offer: description });
  const [{ matchId }] = await Promise.all([ann.until("matched"), bob.until("matched")]);
  await bob.send({ matchId, clientSequence: 1, signals: candidates });
  await ann.send({ matchId, clientSequence: 1, signals: [{ kind: { case: "description", value: description } }] });
  await ann.until("signalReceived");
  await ann.report({ matchId, reason: ReportReason.OTHER, comment: secrets.comment });
  await ann.leave();
}

const methods = ["SignalService/Signal", "SignalService/Send", "MatchService/Match", "MatchService/Leave"].concat(
  "MatchService/Report",
);

/** Invalid bodies for every method, with private text in the right and in the wrong fields. */
const badBodies: [type: string, body: string][] = [
  ["application/json", JSON.stringify({ [secrets.sdp]: secrets.comment })],
  ["application/json", `{"matchId": "${secrets.candidate}`],
  ["application/json", JSON.stringify({ matchId: "m", reason: secrets.comment, comment: `${secrets.comment}\u0000` })],
  ["application/json", JSON.stringify({ offer: { type: "TYPE_OFFER", sdp: secrets.sdp } })],
  [
    "application/json",
    JSON.stringify({
      matchId: "m",
      clientSequence: 1,
      signals: [
        { candidate: { candidate: secrets.candidate.repeat(50) } },
        { description: { type: "TYPE_OFFER", sdp: secrets.sdp } },
      ],
    }),
  ],
  ["application/json", JSON.stringify({ preferences: { interests: [`${secrets.interest} `.repeat(4)] } })],
  ["application/proto", secrets.sdp],
  ["application/connect+proto", `\u0000\u0000\u0000\u0000\u0010${secrets.sdp}`],
  ["application/grpc-web+proto", `\u0000\u0000\u0000\u0000\u0010${secrets.sdp}`],
  ["text/plain", secrets.comment],
  ["application/json", secrets.sdp.repeat(2_000)],
];

/** Calls every method with every invalid body: without a token, with a valid one, and with an invalid one. */
async function misbehave(url: string, token: string): Promise<void> {
  const authorizations = [undefined, `Bearer ${token}`, `Bearer ${secrets.token}`, `Bearer ${token}${secrets.token}`];
  for (const method of methods) {
    const calls = badBodies.flatMap(([type, body], index) => {
      const authorization = authorizations[index % authorizations.length];
      const headers = {
        "content-type": type,
        "connect-protocol-version": "1",
        "x-forwarded-for": index % 2 === 0 ? secrets.address : secrets.noAddress,
        ...(authorization !== undefined && { authorization }),
      };
      const path = `satoshigle.v1.${method}`;
      return [path, `${path}?token=${secrets.token}`, `${path}/${secrets.token}`].map(async (one) => {
        const response = await fetch(`${url}/${one}`, { method: "POST", headers, body });
        await response.text();
      });
    });
    await Promise.allSettled(calls);
  }
  await raw(url, `GET /${secrets.token} HTTP/1.1\r\nhost: ${secrets.token}\r\nx: \u0000${secrets.token}\r\n\r\n`);
  await raw(url, `${secrets.token}\r\n\r\n`);
}

/** Sends bytes and waits until the server closes the connection. */
async function raw(url: string, bytes: string): Promise<void> {
  const socket = net.connect(Number(new URL(url).port), "127.0.0.1");
  socket.on("error", () => undefined).end(bytes);
  await new Promise<void>((resolve) => socket.resume().once("close", () => resolve()));
}

/** Sends calls while Redis is unreachable. They are refused, and the store's errors contain their content. */
async function callInVain(ann: TestClient, bob: TestClient, url: string): Promise<void> {
  const refused = await Promise.allSettled([
    ann.match({ preferences: { interests: [secrets.interest] }, offer: description }),
    bob.send({ matchId: "m", clientSequence: 1, signals: candidates }),
    bob.report({ matchId: "m", reason: ReportReason.OTHER, comment: secrets.comment }),
    ann.leave(),
    TestClient.open(transportFrom(url, secrets.address), {}, 2_000),
    TestClient.open(transportFrom(url, secrets.address6), ann.resume, 2_000),
  ]);
  expect(refused.map(({ status }) => status)).toEqual(refused.map(() => "rejected"));
}

/** Makes the calls of a match, of which Redis accepts some or none. Returns how many were refused. */
async function talkInVain(ann: TestClient, bob: TestClient, matchId: string): Promise<number> {
  const tipId = randomBytes(16).toString("base64url");
  const said = await Promise.allSettled([
    ann.send({ matchId, clientSequence: 1, signals: candidates }),
    bob.send({ matchId, clientSequence: 1, signals: [{ kind: { case: "description", value: description } }] }),
    ann.tips.offer({ tipId, matchId, amountMsat: 1_000n, comment: secrets.tipComment }),
    ann.tips.confirm({ tipId, preimage: secrets.preimage }),
    bob.match({ preferences: { interests: [secrets.interest] }, offer: description, leaveMatchId: "m" }),
    TestClient.open(ann.transport, {}, 2_000),
  ]);
  return said.filter(({ status }) => status === "rejected").length;
}

/** All the ways in which Redis can refuse commands. */
async function refuseInEveryWay(redis: RedisServer, url: string, ann: TestClient, bob: TestClient): Promise<void> {
  await ann.match({ preferences: { interests: ["again"] } });
  await bob.match({ preferences: { interests: ["again"] } });
  const [{ matchId }] = await Promise.all([ann.until("matched"), bob.until("matched")]);
  for (const { name, begin, end } of [...ways, frozen, forgetful]) {
    await begin(redis, "satoshigle:{main}");
    const refused = await talkInVain(ann, bob, matchId);
    if (name !== forgetful.name) expect(refused, name).toBeGreaterThan(0);
    await end(redis, "satoshigle:{main}");
    await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), PATIENCE_MS);
  }
}

const frozen: Way = {
  name: "Redis does not answer in time",
  says: "Redis is unavailable",
  begin: (redis) => {
    redis.signal("SIGSTOP");
    return Promise.resolve();
  },
  end: (redis) => {
    redis.signal("SIGCONT");
    return Promise.resolve();
  },
};

const forgetful: Way = {
  name: "Redis lost the scripts",
  says: "",
  begin: (redis) => on(redis, (client) => client.script("FLUSH")),
  end: () => Promise.resolve(),
};

/** Log lines that contain private text. */
function leaks(log: string, people: TestClient[]): string[] {
  const tokens = people.map(({ welcome }) => welcome.token.split(".")[1] ?? "");
  const found = [...Object.values(secrets), ...tokens].filter((secret) =>
    disguises(secret).some((disguise) => log.includes(disguise)),
  );
  return found.map((secret) => log.split("\n").find((line) => line.includes(secret)) ?? secret);
}

const modes = ["development", "production"].flatMap((mode) => ["true", "false"].map((path) => [mode, path] as const));

it.concurrent.each(modes)("logs nothing private: %s, fast path %s", async (NODE_ENV, FAST_PATH) => {
  const redis = await RedisServer.start();
  const server = await ServerProcess.start({
    NODE_ENV,
    FAST_PATH,
    LOG_LEVEL: "trace",
    TRUST_PROXY: "127.0.0.1",
    CLIENT_URL: "https://chat.example.com",
    SESSION_SECRET: "a secret that only this test knows",
    REDIS_ENABLED: "true",
    REDIS_URL: redis.url,
    RATE_LIMIT_MAX_REQUESTS: "1000",
    LIGHTNING_NETWORK: "regtest",
  });
  try {
    const url = server.url.replace("localhost", "127.0.0.1");
    const [ann, bob, cyd] = await Promise.all(
      [secrets.address, secrets.address6, secrets.noAddress].map((one) => TestClient.open(transportFrom(url, one))),
    );
    if (ann === undefined || bob === undefined || cyd === undefined) throw new Error("a client is missing");
    await meet(ann, bob);
    await misbehave(url, cyd.welcome.token);
    const others = [
      await TestClient.open(transportFrom(url, secrets.address)),
      await TestClient.open(transportFrom(url, secrets.address6)),
    ] as const;
    await refuseInEveryWay(redis, url, ...others);
    await redis.stop();
    await callInVain(cyd, bob, url);
    await redis.start();
    await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), PATIENCE_MS);
    await server.stop();

    const log = server.everything;
    for (const { says } of ways) expect(log).toContain(says);
    expect(log).toContain("Redis is unavailable");
    expect(leaks(log, [ann, bob, cyd, ...others])).toEqual([]);
  } finally {
    await server.close();
    await redis.close();
  }
});

it.concurrent("logs nothing private while the slot of its realm migrates in a Cluster, or is not served", async () => {
  const variables = { LOG_LEVEL: "trace", REALM: "main", TRUST_PROXY: "127.0.0.1", LIGHTNING_NETWORK: "regtest" };
  const fleet = await Fleet.startOnCluster({ instances: 1, replicas: 0, variables });
  try {
    const transport = transportFrom(fleet.instance(0).url.replace("localhost", "127.0.0.1"), secrets.address);
    const [ann, bob] = [await TestClient.open(transport), await TestClient.open(transport)];
    await ann.match();
    await bob.match();
    const [{ matchId }] = await Promise.all([ann.until("matched"), bob.until("matched")]);
    const to = await moveSlot(fleet.cluster, "satoshigle:{main}", async () => {
      await talkInVain(ann, bob, matchId);
    });
    await to.stop("SIGKILL");
    expect(await talkInVain(ann, bob, matchId)).toBeGreaterThan(3);
    await fleet.instance(0).stop();
    const log = fleet.instance(0).everything;
    expect(log).toContain("Redis is unavailable");
    expect(leaks(log, [ann, bob])).toEqual([]);
  } finally {
    await fleet.close();
  }
});
