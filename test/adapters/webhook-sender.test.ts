import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { afterEach, expect, it } from "vitest";
import { HttpWebhookSender } from "../../src/adapters/webhooks/sender.js";

const secrets = [7, 8].map((byte) => `whsec_${Buffer.alloc(32, byte).toString("base64")}`);
const sender = new HttpWebhookSender(secrets, "satoshigle/1", 500);
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

it("does not follow a redirect", async () => {
  let requests = 0;
  const url = await listen((request, response) => {
    requests++;
    response.writeHead(307, { location: `http://${request.headers.host ?? ""}/internal` }).end();
  });
  expect(await sender.send(url, message)).toEqual({ state: "failed", problem: "status 307" });
  expect(requests).toBe(1);
});

it("takes the time that a receiver asks for, in seconds", async () => {
  const url = await listen((_, response) => response.writeHead(429, { "retry-after": "120" }).end());
  expect(await sender.send(url, message)).toEqual({ state: "failed", problem: "status 429", retryAfterMs: 120_000 });
});

it("does not wait for a receiver that does not answer", async () => {
  const url = await listen(() => undefined);
  expect(await sender.send(url, message)).toEqual({ state: "failed", problem: "no answer" });
});

it("does not read an endless answer", async () => {
  let sent = 0;
  const closed = { promise: Promise.resolve() };
  const url = await listen((_, response) => {
    response.writeHead(200);
    closed.promise = new Promise((resolve) => response.once("close", resolve));
    const piece = Buffer.alloc(1 << 16);
    const go = () => {
      while (!response.destroyed && response.write(piece)) sent += piece.length;
    };
    response.on("drain", go);
    go();
  });
  expect(await sender.send(url, message)).toEqual({ state: "accepted" });
  await closed.promise;
  expect(sent).toBeLessThan(10 << 20);
});

it("names a failed connection without the URL", async () => {
  const url = await listen(() => undefined);
  server?.close();
  const outcome = await sender.send(url.replace("/hook", "/other"), message);
  expect(outcome).toEqual({ state: "failed", problem: "ECONNREFUSED" });
});
