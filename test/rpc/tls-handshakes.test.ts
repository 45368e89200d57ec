import { once } from "node:events";
import { rm } from "node:fs/promises";
import type http from "node:http";
import net, { type AddressInfo } from "node:net";
import tls from "node:tls";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { createServer, type ServerSettings } from "../../src/http/server.js";
import { type Certificate, makeCertificate } from "../support/certificate.js";

let certificate: Certificate;
let server: http.Server;
beforeAll(async () => {
  certificate = await makeCertificate();
});
afterEach(() => server.close());
afterAll(() => rm(certificate.folder, { recursive: true }));

async function listen(settings: Partial<ServerSettings>): Promise<number> {
  const common = { tls: undefined, maxConnectionsPerHost: 2, isTrustedProxy: () => false, keepAliveMs: 60_000 };
  server = createServer((_request, response) => response.end(), { ...common, ...settings });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

/** Whether a connection from an address of this machine is accepted. It is closed afterwards. */
function shakeHands(port: number, localAddress = "127.0.0.1"): Promise<boolean> {
  return new Promise((resolve) => {
    let made = false;
    const socket = net.connect({ port, host: "127.0.0.1", localAddress });
    const secure = tls.connect({ socket, servername: "localhost", ca: certificate.ca });
    secure
      .on("error", () => undefined)
      .once("secureConnect", () => {
        made = true;
        secure.destroy();
      });
    secure.once("close", () => {
      socket.destroy();
      resolve(made);
    });
  });
}

const own = () => ({ tls: { cert: certificate.ca, key: certificate.key } });

it("the handshakes of each address are limited per minute", async () => {
  const port = await listen(own());
  for (let index = 0; index < 20; index++) expect(await shakeHands(port), String(index)).toBe(true);
  expect(await shakeHands(port)).toBe(false);
  expect(await shakeHands(port, "127.0.0.2")).toBe(true);
});

it("the handshakes of a trusted proxy are not limited", async () => {
  const port = await listen({ ...own(), isTrustedProxy: () => true });
  for (let index = 0; index < 25; index++) expect(await shakeHands(port), String(index)).toBe(true);
});

it("cleartext connections are not counted", async () => {
  const port = await listen({});
  for (let index = 0; index < 25; index++) {
    const answer = await fetch(`http://127.0.0.1:${String(port)}`, { headers: { connection: "close" } });
    expect(answer.status).toBe(200);
  }
});
