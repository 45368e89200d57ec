import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import net from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACK, DATA, END_HEADERS, END_STREAM, fields, frame, framesIn, HEADERS, hello } from "../support/frames.js";
import { PING, SETTINGS } from "../support/frames.js";
import { sendH1, sendH2 } from "../support/wire.js";
import { MIB, report, Target } from "./support/target.js";

const leave = "/satoshigle.v1.MatchService/Leave";
const signal = "/satoshigle.v1.SignalService/Signal";
const check = "/grpc.health.v1.Health/Check";
const reflection = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
const json = { "content-type": "application/json" };
const grpc = { "content-type": "application/grpc+proto", te: "trailers" };

let target: Target;
beforeAll(async () => {
  target = await Target.start({
    MAX_CONNECTIONS_PER_IP: "10000",
    RATE_LIMIT_MAX_REQUESTS: "1000000",
    MAX_LOOP_DELAY_MS: "10000",
  });
});
afterAll(() => target.close());

/** How long the server takes to close a connection after these bytes, in milliseconds. */
async function closedAfter(port: number, text: string, drip?: string): Promise<number> {
  const startMs = performance.now();
  const socket = net.connect(port, "127.0.0.1").resume();
  socket.on("error", () => undefined).write(text);
  const timer = drip === undefined ? undefined : setInterval(() => socket.write(drip), 500);
  await once(socket, "close");
  clearInterval(timer);
  return performance.now() - startMs;
}

/**
 * Far above the limits of five and ten seconds, as a busy machine is late, and far below those of Node.js, a minute and
 * more.
 */
const PATIENCE_MS = 30_000;

const post = (path: string) => `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n`;
const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0";
/** The start of a HEADERS frame, whose rest is sent byte by byte. */
const halfHeaders = "\0\u0040\0\u0001\u0004\0\0\0\u0001";

describe.concurrent("slow clients are disconnected", () => {
  it.each([
    ["a silent connection", "", undefined],
    ["half a preface", "PRI * HT", undefined],
    ["headers over HTTP/1.1", "POST / HTTP/1.1\r\nhost: 127.0.0.1\r\n", "x-more: 1\r\n"],
    ["headers over HTTP/2", preface + halfHeaders, "\0"],
    ["a connection of HTTP/2 without a stream", preface, undefined],
    ["pings over HTTP/2 without a stream", preface, "\0\0\u0008\u0006\0\0\0\0\0pingpong"],
    ["a body for a call", `${post(leave)}content-length: 1000\r\n\r\n`, "x"],
    ["a body for an unknown path", `${post("/nowhere")}content-length: 1000\r\n\r\n`, "x"],
    ["a chunked body for an unknown path", `${post("/nowhere")}transfer-encoding: chunked\r\n\r\n`, "1\r\nx\r\n"],
  ])("%s, on both listeners", async (what, text, drip) => {
    const [tookMs, internalMs] = await Promise.all([
      closedAfter(target.port, text, drip),
      closedAfter(target.internalPort, text, drip),
    ]);
    report(`slow: ${what}`, { "cut after ms": tookMs, "on the internal listener": internalMs });
    expect(Math.max(tookMs, internalMs)).toBeLessThan(PATIENCE_MS);
  });

  it.each([
    ["a call", 200, "public", leave, json],
    ["an unknown path", 404, "public", "/nowhere", json],
    ["a page", 404, "public", "/", json],
    ["an internal call", 200, "internal", check, grpc],
    ["nothing internal", 404, "internal", "/nowhere", json],
  ])("a body over HTTP/2 for %s", async (what, _status, listener, path, headers) => {
    const startMs = performance.now();
    const port = listener === "public" ? target.port : target.internalPort;
    const answer = await sendH2(port, path, headers, [Buffer.from("{")], { leaveOpen: true });
    const tookMs = performance.now() - startMs;
    report(`slow body over HTTP/2 for ${what}`, { "answered after ms": tookMs, status: answer.status });
    expect(tookMs).toBeLessThan(PATIENCE_MS);
    expect(answer.status).toBeGreaterThan(0);
  });

  it("an envelope of a client-streaming call", async () => {
    const startMs = performance.now();
    await sendH2(target.internalPort, reflection, grpc, [Buffer.from([0, 0, 0, 0, 9, 1])], { leaveOpen: true });
    expect(performance.now() - startMs).toBeLessThan(PATIENCE_MS);
  });
});

it("200 connections that announce envelopes of 64 MiB use no memory", async () => {
  const announced = Buffer.concat([Buffer.from([0, 4, 0, 0, 0]), Buffer.alloc(1024)]);
  const before = await target.figures();
  const sockets = await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      const isPublic = index % 2 === 0;
      const socket = net.connect(isPublic ? target.port : target.internalPort, "127.0.0.1").resume();
      await once(
        socket.on("error", () => undefined),
        "connect",
      );
      const path = isPublic ? signal : "/grpc.health.v1.Health/Watch";
      const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/connect+proto\r\ncontent-length: 67108869\r\n\r\n`;
      socket.write(head);
      socket.write(announced);
      return socket;
    }),
  );
  const during = await target.figures();
  report("200 envelopes of 64 MiB", {
    "MiB more in all": (during.rss - before.rss) / MIB,
    "of it heap and buffers": (during.heapUsed + during.external - before.heapUsed - before.external) / MIB,
  });
  expect((during.rss - before.rss) / MIB).toBeLessThan(40);
  sockets.forEach((socket) => socket.destroy());
});

/** POSTs a body over HTTP/1.1 in one-byte chunks. */
async function crumbleH1(port: number, path: string, headers: Record<string, string>, crumbs: number): Promise<void> {
  const { status } = await sendH1(port, path, headers, Array<Buffer>(crumbs).fill(Buffer.from(" ")));
  expect(status).toBeGreaterThan(0);
}

/** The same over HTTP/2 with one byte per DATA frame, which Node.js clients cannot do, until all were read. */
async function crumbleH2(port: number, path: string, headers: Record<string, string>, crumbs: number): Promise<void> {
  const socket = net.connect(port, "127.0.0.1").on("error", () => undefined);
  let heard = Buffer.alloc(0);
  const isDone = () => {
    const frames = framesIn(heard);
    const isAnswered = frames.some(({ type, stream }) => type === HEADERS && stream === 1);
    return isAnswered && frames.some(({ type, flags }) => type === PING && flags === ACK);
  };
  const done = new Promise<void>((resolve, reject) => {
    socket.once("close", () => reject(new Error("the connection was closed")));
    socket.on("data", (chunk: Buffer) => {
      heard = Buffer.concat([heard, chunk]);
      if (isDone()) resolve();
    });
  });
  const pseudo = { ":method": "POST", ":scheme": "http", ":path": path, ":authority": "127.0.0.1" };
  const head = frame(HEADERS, END_HEADERS, 1, fields(Object.entries({ ...pseudo, ...headers })));
  const body = Array<Buffer>(crumbs - 1).fill(frame(DATA, 0, 1, Buffer.from(" ")));
  const end = [frame(DATA, END_STREAM, 1, Buffer.from(" ")), frame(PING, 0, 0, Buffer.alloc(8))];
  socket.write(Buffer.concat([hello, frame(SETTINGS, ACK, 0), head, ...body, ...end]));
  await done;
  socket.destroy();
}

/** Starts a server of Node.js alone, in this process, that throws bodies away. */
async function startBare(crumble: typeof crumbleH1): Promise<net.Server> {
  const bare: net.Server = crumble === crumbleH1 ? http.createServer() : http2.createServer();
  bare.on("request", (request: NodeJS.ReadableStream, response: NodeJS.WritableStream) => {
    request.resume().on("end", () => response.end());
  });
  await once(bare.listen(0, "127.0.0.1"), "listening");
  return bare;
}

/** The CPU time that this process uses for something, in milliseconds: that of a client and of the server here. */
async function ownCpuMs(act: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

describe("64 KiB in one-byte chunks cost less than twice as much as in a server of Node.js alone, with its client", () => {
  const CRUMBS = 64 * 1024 - 1; // the initial HTTP/2 window

  it.each([
    ["over HTTP/1.1 to a call", crumbleH1, "public", leave, json],
    ["over HTTP/2 to a call", crumbleH2, "public", leave, json],
    ["over HTTP/1.1 to a stream", crumbleH1, "public", signal, { "content-type": "application/connect+proto" }],
    ["over HTTP/2 to a stream", crumbleH2, "public", signal, { "content-type": "application/connect+proto" }],
    ["over HTTP/1.1 to an unknown path", crumbleH1, "public", "/nowhere", json],
    ["over HTTP/2 to an unknown path", crumbleH2, "public", "/nowhere", json],
    ["over HTTP/2 to an internal call", crumbleH2, "internal", check, grpc],
    ["over HTTP/2 to a client-streaming call", crumbleH2, "internal", reflection, grpc],
  ])("%s", async (what, crumble, listener, path, headers) => {
    const port = listener === "public" ? target.port : target.internalPort;
    const bare = await startBare(crumble);
    const { port: barePort } = bare.address() as net.AddressInfo;
    let [cpuMs, bareMs] = [Infinity, Infinity];
    for (let attempt = 0; attempt < 3 || (attempt < 8 && cpuMs >= 2 * bareMs); attempt++) {
      const before = await target.cpuMs();
      await crumble(port, path, headers, CRUMBS);
      cpuMs = Math.min(cpuMs, (await target.cpuMs()) - before);
      bareMs = Math.min(bareMs, await ownCpuMs(() => crumble(barePort, path, headers, CRUMBS)));
      report(`64 KiB in crumbs ${what}`, { "CPU ms": cpuMs, "alone, with the client": bareMs });
    }
    bare.close();
    expect(cpuMs).toBeLessThan(2 * bareMs);
  });
});

it("a client that keeps uploading after its answer is disconnected", async () => {
  const session = http2.connect(target.url).on("error", () => undefined);
  const stream = session.request({ ":method": "POST", ":path": "/nowhere", ...json });
  const closed = once(stream.on("error", () => undefined).resume(), "aborted");
  const megabyte = Buffer.alloc(MIB);
  let taken = 0;
  while (!stream.closed && taken < 512) {
    await Promise.race([new Promise((resolve) => stream.write(megabyte, resolve)), closed]);
    taken++;
  }
  report("an endless upload", { "MiB taken": taken });
  expect(stream.closed).toBe(true);
  expect(taken, "what fits into late timers and system buffers").toBeLessThan(64);
  session.destroy();
});

it("no attack caused an error", async () => {
  expect((await target.figures()).troubles).toEqual([]);
});
