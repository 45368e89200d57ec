import net from "node:net";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Streams } from "../../src/app/streams.js";
import type { SessionId } from "../../src/core/ids.js";
import { signToken } from "../../src/core/token.js";
import { RequestReader } from "../../src/http/request-reader.js";
import { roomy } from "../support/pair.js";
import { soon } from "../support/soon.js";
import { startServer, type TestServer } from "../support/server.js";
import { Dice } from "./support/dice.js";
import { type RawCall, RawClient, sendBytes } from "./support/raw-call.js";
import { drawVariant } from "./support/variants.js";
import { allowedOrigin, envelopesIn, hasOpened, secret, ServerFixture } from "./support/server-fixture.js";

const leave = "/satoshigle.v1.MatchService/Leave";
const FIXTURES = Number(process.env.FIXTURES ?? 40);
const CALLS_PER_FIXTURE = 50;
/** Set SEED to repeat the calls of a run. */
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

/** The streams of each server, and the number of streams opened. */
const seen = new Set<Streams>();
let opened = 0;
const add: Streams["add"] = Reflect.get(Streams.prototype, "add");
let servers: [fast: TestServer, library: TestServer];
let clients: [RawClient, RawClient];

beforeAll(async () => {
  Streams.prototype.add = function (this: Streams, ...args) {
    seen.add(this);
    opened++;
    return add.apply(this, args);
  };
  const variables = {
    ...roomy,
    NODE_ENV: "production",
    SESSION_SECRET: secret,
    CLIENT_URL: allowedOrigin,
    HOSTS: "x, y, sat.example.com",
    CONNECTION_TIMEOUT_MS: "300000",
  };
  servers = [
    await startServer({ ...variables, FAST_PATH: "true" }),
    await startServer({ ...variables, FAST_PATH: "false" }),
  ];
  clients = [new RawClient(servers[0], hasOpened), new RawClient(servers[1], hasOpened)];
});
afterAll(async () => {
  Streams.prototype.add = add;
  clients.forEach((client) => client.close());
  await Promise.all(servers.map((server) => server.close()));
});

/** Does the same on both servers concurrently. */
function both<T>(act: (index: 0 | 1) => Promise<T>): Promise<[fast: T, library: T]> {
  return Promise.all([act(0), act(1)]);
}

function readable({ pieces, ...call }: RawCall) {
  return { ...call, pieces: pieces.slice(0, 9).map((piece) => piece.toString("latin1").slice(0, 500)) };
}

it("FAST_PATH=false disables the fast path", async () => {
  const keep = vi.spyOn(RequestReader.prototype, "admit"); // called for requests that the library serves
  const [first, second] = await both((which) => ServerFixture.create(servers[which], "switch"));
  const good = (fixture: ServerFixture): RawCall => ({
    httpMethod: "POST",
    path: leave,
    headers: [
      ["content-type", "application/json"],
      ["authorization", `Bearer ${fixture.token("nobody")}`],
    ],
    pieces: [Buffer.from("{}")],
    end: "proper",
  });
  keep.mockClear();
  await clients[0].h1(good(first));
  expect(keep).not.toHaveBeenCalled();
  await clients[1].h1(good(second));
  expect(keep).toHaveBeenCalledOnce();
  await Promise.all([first.end(), second.end()]);
});

describe(`the fast path and the library have the same answers and effects (SEED=${String(seed)})`, () => {
  it(`to ${String(FIXTURES * CALLS_PER_FIXTURE)} calls, good and bad, over HTTP/1.1 and HTTP/2`, async () => {
    const dice = new Dice(seed);
    const differences: unknown[] = [];
    for (let index = 0; index < FIXTURES; index++) {
      const fixtures = await both((which) => ServerFixture.create(servers[which], `fixture ${String(index)}`));
      for (let count = 0; count < CALLS_PER_FIXTURE; count++) {
        const variant = drawVariant(dice);
        const version = dice.pick(["h1", "h2"] as const);
        const [fast, library] = await both(async (which) =>
          fixtures[which].comparable(await clients[which][version](variant(fixtures[which]))),
        );
        if (isDeepStrictEqual(fast, library)) continue;
        differences.push({ fixture: index, count, version, ...readable(variant(fixtures[0])), fast, library });
      }
      const [fast, library] = await both((which) => fixtures[which].end());
      if (!isDeepStrictEqual(fast, library)) differences.push({ fixture: index, fast, library });
    }
    expect(differences.slice(0, 3)).toEqual([]);
  });

  it("to a stream with a client timeout, at its end", async () => {
    const answers = await both((which) => {
      const client = new RawClient(servers[which], () => false);
      const headers: RawCall["headers"] = [
        ["content-type", "application/connect+proto"],
        ["connect-timeout-ms", "100"],
      ];
      const path = "/satoshigle.v1.SignalService/Signal";
      const call: RawCall = { httpMethod: "POST", path, headers, pieces: [Buffer.alloc(5)], end: "proper" };
      return client.h2(call).finally(() => client.close());
    });
    const [fast, library] = answers.map(({ body }) => envelopesIn(body).at(-1));
    expect(fast?.flags).toBe(2);
    expect(fast).toEqual(library);
  });

  it("to streams that are queued behind others of their connection: they end with it", async () => {
    const request = `POST /satoshigle.v1.SignalService/Signal HTTP/1.1\r\nhost: x\r\ncontent-type: application/connect+proto\r\ncontent-length: 5\r\n\r\n\0\0\0\0\0`;
    const before = opened;
    await both(async (which) => {
      const socket = net.connect(servers[which].port, "127.0.0.1");
      socket.write(request.repeat(8));
      await soon(() => expect(opened).toBeGreaterThanOrEqual(before + 16));
      socket.destroy();
    });
  });

  it("and leave no stream open", async () => {
    const [fast, library] = seen;
    await soon(() => expect([fast?.size, library?.size]).toEqual([0, 0]));
  });
});

/** The token belongs to no session. These tests wait for the limit for slow bodies, ten seconds. */
describe.concurrent("the fast path and the library give the same answers to a body that never ends", () => {
  it.each(["h1", "h2"] as const)("%s", async (version) => {
    const [fixture] = [await ServerFixture.create(servers[0], `slow ${version}`)];
    const call = (path: string, type: string): RawCall => ({
      httpMethod: "POST",
      path,
      headers: [
        ["content-type", type],
        ["authorization", `Bearer ${fixture.token("nobody")}`],
      ],
      pieces: [Buffer.from("{")],
      end: "never",
    });
    const calls = [
      call(leave, "application/json"),
      call(leave, "application/proto"),
      call("/satoshigle.v1.SignalService/Signal", "application/connect+proto"),
    ];
    const answers = await both((which) => Promise.all(calls.map((one) => clients[which][version](one))));
    const [fast, library] = answers.map((some) => some.map((one) => fixture.comparable(one)));
    expect(fast).toEqual(library);
    expect(JSON.stringify(fast).match(/did not arrive within 10 s/g)).toHaveLength(3);
  });
});

/** The token belongs to no session, which is all that is wrong with the call. */
const authorization = `authorization: Bearer ${signToken(secret, "nobody" as SessionId)}`;
const typeAndLength = ["content-type: application/json", "content-length: 2", authorization];

/** A raw HTTP/1.1 request, the last of its connection. */
function bytesOf(line: string, ...headers: string[]): string {
  return `${[line, ...headers, "connection: close"].join("\r\n")}\r\n\r\n{}`;
}

const post = `POST ${leave} HTTP/1.1`;
const first = `${[post, "host: x", ...typeAndLength].join("\r\n")}\r\n\r\n{}`;
const rawRequests: [what: string, bytes: string][] = [
  ["two pipelined calls", first + bytesOf(post, "host: x", ...typeAndLength)],
  ["a call followed by bytes that are not a request", `${first}{}{}`],
  ["HTTP/1.0", bytesOf(`POST ${leave} HTTP/1.0`, "host: x", ...typeAndLength)],
  ["HTTP/1.0 that is kept alive", `POST ${leave} HTTP/1.0\r\nhost: x\r\nconnection: keep-alive\r\n${first}`],
  ["no host", bytesOf(post, ...typeAndLength)],
  ["two hosts", bytesOf(post, "host: x", "host: y", ...typeAndLength)],
  ["a path with a host", bytesOf(`POST http://x${leave} HTTP/1.1`, "host: x", ...typeAndLength)],
  ["an invalid path", bytesOf(`POST * HTTP/1.1`, "host: x", ...typeAndLength)],
  ["a method in lower case", bytesOf(`post ${leave} HTTP/1.1`, "host: x", ...typeAndLength)],
  ["two lengths", bytesOf(post, "host: x", ...typeAndLength, "content-length: 3")],
  ["a length and chunked encoding", bytesOf(post, "host: x", ...typeAndLength, "transfer-encoding: chunked")],
  ["two content types", bytesOf(post, "host: x", ...typeAndLength, "content-type: application/proto")],
  ["two tokens", bytesOf(post, "host: x", ...typeAndLength, "authorization: Bearer a", "authorization: Bearer b")],
  ["two origins", bytesOf(post, "host: x", ...typeAndLength, `origin: ${allowedOrigin}`, "origin: http://x")],
  ["the server's own origin in another case", bytesOf(post, "host: X:1", ...typeAndLength, "origin: http://X:1")],
  ["an expectation", bytesOf(post, "host: x", ...typeAndLength, "expect: 100-continue")],
  ["an unknown expectation", bytesOf(post, "host: x", ...typeAndLength, "expect: wonders")],
  ["two timeouts", bytesOf(post, "host: x", ...typeAndLength, "connect-timeout-ms: 1", "connect-timeout-ms: 2")],
  ["names in upper case", bytesOf(post, "HOST: x", "CONTENT-TYPE: application/json", "CONTENT-LENGTH: 2")],
  [
    "a preflight",
    bytesOf(
      `OPTIONS ${leave} HTTP/1.1`,
      `host: x`,
      `origin: ${allowedOrigin}`,
      "access-control-request-method: POST",
      "access-control-request-headers: authorization,content-type",
    ),
  ],
  [
    "chunks with extensions and a trailer",
    `${[post, "host: x", "content-type: application/json", authorization, "transfer-encoding: chunked"].join("\r\n")}\r\n\r\n` +
      `1;a=b\r\n{\r\n1\r\n}\r\n0\r\ntrailer: x\r\n\r\n${bytesOf(post, "host: x", ...typeAndLength)}`,
  ],
];

const inChunks = [
  post,
  "host: x",
  "content-type: application/json",
  authorization,
  "transfer-encoding: chunked",
  "connection: close",
];
rawRequests.push([
  "a body one byte over the limit, unannounced",
  `${inChunks.join("\r\n")}\r\n\r\n8001\r\n${"{}".padEnd(0x8001)}\r\n0\r\n\r\n`,
]);

/** The library would fail to build a URL from the host, and answer 200 without any effect. */
const withoutHost: [what: string, bytes: string][] = [
  ["HTTP/1.0 without a host", bytesOf(`POST ${leave} HTTP/1.0`, ...typeAndLength)],
  ["an empty host", bytesOf(post, "host: ", ...typeAndLength)],
  ["an invalid host", bytesOf(post, "host: a b", ...typeAndLength)],
  ["an invalid port", bytesOf(post, "host: x:99999", ...typeAndLength)],
  ["a path with an invalid host", bytesOf(`POST http://x:99999${leave} HTTP/1.1`, "host: x", ...typeAndLength)],
];

describe("the fast path and the library give the same bytes in answer to", () => {
  const comparable = (text: string) =>
    text
      .split("\r\n")
      .filter((line) => !/^date:/i.test(line))
      .map((line) => line.toLowerCase().replace(/, /g, ","))
      .sort();

  it.each(rawRequests)("%s", async (_what, bytes) => {
    const [fast, library] = await both((which) => sendBytes(servers[which], bytes));
    expect(comparable(fast)).toEqual(comparable(library));
    expect(fast).not.toBe("");
  });

  it.each(withoutHost)("%s is refused", async (_what, bytes) => {
    const [fast, library] = await both((which) => sendBytes(servers[which], bytes));
    expect(comparable(fast)).toEqual(comparable(library));
    expect(fast).toMatch(/^HTTP\/1.1 (400|421) /);
  });
});
