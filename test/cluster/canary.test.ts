import { createConnectTransport } from "@connectrpc/connect-node";
import type { Transport } from "@connectrpc/connect";
import { randomBytes } from "node:crypto";
import net from "node:net";
import { expect, it, vi } from "vitest";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { Description_Type } from "../../gen/satoshigle/v1/signal_pb.js";
import { ServerProcess } from "../e2e/support/server-process.js";
import { Person } from "../support/person.js";
import { on } from "../support/redis-cluster.js";
import { RedisServer } from "../support/redis.js";
import { sdp } from "../support/sdp.js";
import { Fleet } from "./support/fleet.js";
import { moveSlot } from "./support/move-slot.js";
import { type Way, ways } from "./support/refusing.js";

/** Texts that nobody else uses, one for each thing that no log may hold. */
const canary = (name: string) => `${name}canary${randomBytes(8).toString("hex")}`;
const secrets = {
  sdp: canary("sdp"),
  candidate: canary("candidate"),
  comment: canary("comment"),
  tipComment: canary("tip"),
  preimage: randomBytes(32).toString("hex"),
  interest: canary("i").slice(0, 30),
  token: canary("token"),
  /** An address as a trusted proxy tells it, and one that is none. */
  address: "203.0.113.77",
  address6: "2001:db8:ca4a:27::77",
  noAddress: canary("address"),
};

/** How a text looks in a log, as it is or as base64 at any offset. */
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

/** Two people meet, say all that can be said, and part with a report. */
async function meet(ann: Person, bob: Person): Promise<void> {
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

/** Bodies of which each is refused, for every method; what is secret stands where it belongs and where it does not. */
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

/** Every method with every bad body, by nobody, by somebody, and by one with a token that is none. */
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

/** What is sent while Redis is away: it is refused, and the errors of the store know what it was. */
async function callInVain(ann: Person, bob: Person, url: string): Promise<void> {
  const refused = await Promise.allSettled([
    ann.match({ preferences: { interests: [secrets.interest] }, offer: description }),
    bob.send({ matchId: "m", clientSequence: 1, signals: candidates }),
    bob.report({ matchId: "m", reason: ReportReason.OTHER, comment: secrets.comment }),
    ann.leave(),
    Person.open(transportFrom(url, secrets.address), {}, 2_000),
    Person.open(transportFrom(url, secrets.address6), ann.resume, 2_000),
  ]);
  expect(refused.map(({ status }) => status)).toEqual(refused.map(() => "rejected"));
}

/** What two people in a match say, offer and pay, of which Redis takes some or nothing. Returns how much was refused. */
async function talkInVain(ann: Person, bob: Person, matchId: string): Promise<number> {
  const tipId = randomBytes(16).toString("base64url");
  const said = await Promise.allSettled([
    ann.send({ matchId, clientSequence: 1, signals: candidates }),
    bob.send({ matchId, clientSequence: 1, signals: [{ kind: { case: "description", value: description } }] }),
    ann.tips.offer({ tipId, matchId, amountMsat: 1_000n, comment: secrets.tipComment }),
    ann.tips.confirm({ tipId, preimage: secrets.preimage }),
    bob.match({ preferences: { interests: [secrets.interest] }, offer: description, leaveMatchId: "m" }),
    Person.open(ann.transport, {}, 2_000),
  ]);
  return said.filter(({ status }) => status === "rejected").length;
}

/** Redis refuses in every way there is. */
async function refuseInEveryWay(redis: RedisServer, url: string, ann: Person, bob: Person): Promise<void> {
  await ann.match({ preferences: { interests: ["again"] } });
  await bob.match({ preferences: { interests: ["again"] } });
  const [{ matchId }] = await Promise.all([ann.until("matched"), bob.until("matched")]);
  for (const { name, begin, end } of [...ways, frozen, forgetful]) {
    await begin(redis, "satoshigle:{main}");
    const refused = await talkInVain(ann, bob, matchId);
    if (name !== forgetful.name) expect(refused, name).toBeGreaterThan(0);
    await end(redis, "satoshigle:{main}");
    await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), 60_000);
  }
}

const frozen: Way = {
  name: "it does not answer in time",
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
  name: "it forgot the scripts",
  says: "",
  begin: (redis) => on(redis, (client) => client.script("FLUSH")),
  end: () => Promise.resolve(),
};

/** Lines of a log with something that is private. */
function leaks(log: string, people: Person[]): string[] {
  const tokens = people.map(({ welcome }) => welcome.token.split(".")[1] ?? "");
  const found = [...Object.values(secrets), ...tokens].filter((secret) =>
    disguises(secret).some((disguise) => log.includes(disguise)),
  );
  return found.map((secret) => log.split("\n").find((line) => line.includes(secret)) ?? secret);
}

const modes = ["development", "production"].flatMap((mode) => ["true", "false"].map((path) => [mode, path] as const));

it.concurrent.each(modes)("logs nothing that is private: %s, direct path %s", async (NODE_ENV, DIRECT_PATH) => {
  const redis = await RedisServer.start();
  const server = await ServerProcess.start({
    NODE_ENV,
    DIRECT_PATH,
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
      [secrets.address, secrets.address6, secrets.noAddress].map((one) => Person.open(transportFrom(url, one))),
    );
    if (ann === undefined || bob === undefined || cyd === undefined) throw new Error("nobody came");
    await meet(ann, bob);
    await misbehave(url, cyd.welcome.token);
    const others = [
      await Person.open(transportFrom(url, secrets.address)),
      await Person.open(transportFrom(url, secrets.address6)),
    ] as const;
    await refuseInEveryWay(redis, url, ...others);
    await redis.stop();
    await callInVain(cyd, bob, url);
    await redis.start();
    await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), 60_000);
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

it.concurrent(
  "logs nothing that is private while the slot of its realm moves in a Cluster, or is served by nobody",
  async () => {
    const variables = { LOG_LEVEL: "trace", REALM: "main", TRUST_PROXY: "127.0.0.1", LIGHTNING_NETWORK: "regtest" };
    const fleet = await Fleet.startOnCluster({ instances: 1, replicas: 0, variables });
    try {
      const transport = transportFrom(fleet.instance(0).url.replace("localhost", "127.0.0.1"), secrets.address);
      const [ann, bob] = [await Person.open(transport), await Person.open(transport)];
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
  },
);
