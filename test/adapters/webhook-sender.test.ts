import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { afterEach, expect, it } from "vitest";
import { HttpWebhookSender } from "../../src/adapters/webhooks/sender.js";
import { makeCertificate } from "../support/certificate.js";
import { PATIENCE_MS } from "../support/patience.js";

const secrets = [7, 8].map((byte) => `whsec_${Buffer.alloc(32, byte).toString("base64")}`);
const sender = new HttpWebhookSender(secrets, "satoshigle/1", PATIENCE_MS);
/** For receivers whose answer does not end. */
const impatient = new HttpWebhookSender(secrets, "satoshigle/1", 500);
const message = { id: "match_began_one", body: '{"type":"match.began","data":{"name":"“ü”"}}' };

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function listen(answer: RequestListener): Promise<string> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/hook?key=secret`;
}

it("signs a message with each secret, and posts it as it is", async () => {
  const came: { headers: Record<string, string>; body: string }[] = [];
  const url = await listen((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += String(chunk)));
    request.on("end", () => {
      came.push({ headers: request.headers as Record<string, string>, body });
      response.writeHead(204).end();
    });
  });
  expect(await sender.send(url, message)).toEqual({ state: "accepted" });
  const [{ headers, body } = { headers: {}, body: "" }] = came;
  expect(body).toBe(message.body);
  expect(headers).toMatchObject({
    "webhook-id": message.id,
    "content-type": "application/json",
    "user-agent": "satoshigle/1",
  });
  for (const secret of secrets) expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(message.body));
  expect(() => new Webhook(secrets[0] ?? "").verify(`${body} `, headers)).toThrow();
});

it.each([
  [301, "status 301"],
  [400, "status 400"],
  [410, "status 410"],
  [500, "status 500"],
])("does not take status %i for an acceptance", async (status, problem) => {
  const url = await listen((_, response) => response.writeHead(status).end("no"));
  expect(await sender.send(url, message)).toEqual({ state: "failed", problem });
});

it.each([301, 302, 303, 307, 308])(
  "does not follow a redirect with status %i to a server on this machine",
  async (status) => {
    let inside = 0;
    const internal = createServer((_, response) => {
      inside++;
      response.end();
    });
    await new Promise<void>((resolve) => internal.listen(0, "127.0.0.1", resolve));
    const location = `http://127.0.0.1:${String((internal.address() as AddressInfo).port)}/metrics`;
    const url = await listen((_, response) => response.writeHead(status, { location }).end());
    expect(await sender.send(url, message)).toEqual({ state: "failed", problem: `status ${String(status)}` });
    internal.close();
    expect(inside).toBe(0);
  },
);

it("takes the time that a receiver asks for, in seconds", async () => {
  const url = await listen((_, response) => response.writeHead(429, { "retry-after": "120" }).end());
  expect(await sender.send(url, message)).toEqual({ state: "failed", problem: "status 429", retryAfterMs: 120_000 });
});

it("does not wait for a receiver that does not answer", async () => {
  const url = await listen(() => undefined);
  expect(await impatient.send(url, message)).toEqual({ state: "failed", problem: "no answer" });
});

it.each([
  ["endless", 200, {}],
  ["endless", 500, {}],
  ["of 1 GiB", 200, { "content-length": String(1 << 30) }],
  ["of 1 GiB", 500, { "content-length": String(1 << 30) }],
  ["that is compressed and endless", 200, { "content-encoding": "gzip" }],
])("does not read an answer that is %s, with status %i", async (_what, status, headers) => {
  let sent = 0;
  const closed = { promise: Promise.resolve() };
  const url = await listen((_, response) => {
    response.writeHead(status, headers);
    closed.promise = new Promise((resolve) => response.once("close", resolve));
    const piece = Buffer.alloc(1 << 16);
    const go = () => {
      while (!response.destroyed && response.write(piece)) sent += piece.length;
    };
    response.on("drain", go);
    go();
  });
  const expected = status === 200 ? { state: "accepted" } : { state: "failed", problem: "status 500" };
  expect(await sender.send(url, message)).toEqual(expected);
  await closed.promise;
  expect(sent).toBeLessThan(10 << 20);
});

/** Writes these bytes at once as an answer, and the last piece again and again. */
function raw(...pieces: string[]): Promise<string> {
  return listen(({ socket }) => {
    for (const piece of pieces) socket.write(piece);
    const timer = setInterval(() => socket.write(pieces.at(-1) ?? ""), 20);
    socket.once("close", () => {
      clearInterval(timer);
    });
  });
}

const START = "HTTP/1.1 200 OK\r\n";

it("does not wait for a body that drips", async () => {
  const url = await raw(`${START}content-length: 100000\r\n\r\n`, "x");
  expect(await impatient.send(url, message)).toEqual({ state: "accepted" });
});

it.each([
  ["headers drip", [START, "x"], "no answer"],
  ["interim answers do not end", ["HTTP/1.1 103 Early Hints\r\n\r\n"], "no answer"],
  ["headers are large", [START, `x: ${"x".repeat(1 << 20)}\r\n`], "UND_ERR_HEADERS_OVERFLOW"],
  ["answer is not HTTP", ["SSH-2.0-OpenSSH_9\r\n"], "HPE_INVALID_CONSTANT"],
])("fails if %s", async (_what, pieces, problem) => {
  expect(await impatient.send(await raw(...pieces), message)).toEqual({ state: "failed", problem });
});

it.each([
  ["before its answer", ""],
  ["in the middle of its headers", "HTTP/1.1 200 OK\r\ncontent-le"],
])("fails if the receiver closes the connection %s", async (_what, piece) => {
  const url = await listen(({ socket }) => socket.end(piece));
  expect(await sender.send(url, message)).toEqual({ state: "failed", problem: "UND_ERR_SOCKET" });
});

it("fails without a certificate that can be verified, before anything is sent", async () => {
  const { cert, key } = await makeCertificate().then(({ ca, key: ofIt }) => ({ cert: ca, key: ofIt }));
  let requests = 0;
  server = createTlsServer({ cert, key }, () => requests++);
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const url = `https://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
  expect(await sender.send(url, message)).toEqual({ state: "failed", problem: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  expect(requests).toBe(0);
});

it("names a failed connection without the URL", async () => {
  const url = await listen(() => undefined);
  server?.close();
  const outcome = await sender.send(url.replace("/hook", "/other"), message);
  expect(outcome).toEqual({ state: "failed", problem: "ECONNREFUSED" });
});
