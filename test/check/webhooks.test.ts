import { createServer as createHttp } from "node:http";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { type AddressInfo, createServer, type Server } from "node:net";
import { createServer as createTls } from "node:tls";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { checkReceiver } from "../../src/check/webhooks.js";
import { type Certificate, expire, makeCertificate } from "../support/certificate.js";
import { freePort } from "../support/ports.js";
import { outcomeOf } from "./support.js";

const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

let certificate: Certificate;
beforeAll(async () => {
  certificate = await makeCertificate();
});
afterAll(() => rm(certificate.folder, { recursive: true }));

async function listen(server: Server, protocol: "http" | "https"): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const name = protocol === "https" ? "localhost" : "127.0.0.1";
  return `${protocol}://${name}:${String((server.address() as AddressInfo).port)}/hook?key=canary`;
}

const hostOf = (url: string) => new URL(url).host;
const on = async (...urls: string[]) => {
  const outcome = await outcomeOf({ WEBHOOK_URLS: urls.join(), WEBHOOK_SECRET });
  expect(JSON.stringify(outcome.findings)).not.toContain("canary");
  return { lines: outcome.on("webhooks"), exitCode: outcome.exitCode };
};

it("says that there are no receivers", async () => {
  expect((await outcomeOf({})).on("webhooks")).toEqual(["ok not used: no events are posted (WEBHOOK_URLS)"]);
});

describe("a receiver of webhooks", () => {
  it("is connected to, and gets no request", async () => {
    const requests: unknown[] = [];
    let connections = 0;
    const http = createHttp((request) => requests.push(request)).on("connection", () => connections++);
    const [url, other] = [await listen(http, "http"), await listen(createHttp(), "http")];
    const { lines } = await on(url, other);
    expect(lines).toEqual(
      [url, other].map(
        (one) => expect.stringMatching(new RegExp(`^ok ${hostOf(one)} accepts .*; nothing was posted$`)) as string,
      ),
    );
    expect([connections, requests.length]).toEqual([1, 0]);
  });

  it("may not be there", async () => {
    const url = `http://127.0.0.1:${String(await freePort())}/hook?key=canary`;
    const { lines, exitCode } = await on(url, "https://receiver.invalid/hook?key=canary");
    expect(lines).toEqual([
      expect.stringMatching(/^fail 127\.0\.0\.1:\d+ cannot be reached: nothing listens .* → check host and port/),
      expect.stringMatching(
        /^fail receiver\.invalid cannot be reached: its name .* → .* certificate is valid for this/,
      ),
    ]);
    expect(exitCode).toBe(1);
  });

  it("may have a certificate that is not trusted, has expired, or is for another name", async () => {
    const { ca: cert, key } = certificate;
    const url = await listen(createTls({ cert, key }), "https");
    expect((await on(url)).lines).toEqual([
      expect.stringMatching(/^fail localhost:\d+ cannot be reached: its certificate is self-signed → /),
    ]);
    const named = (one: string) => ({ url: one, name: "receiver" });
    expect(await checkReceiver(named(url), cert)).toMatchObject({
      level: "warn", // of this self-signed one, few days are left
      text: expect.stringMatching(/^receiver accepts connections, in \d+ ms, .* valid for 1 days$/) as string,
    });
    const elsewhere = url.replace("localhost", "127.0.0.2");
    const other = createTls({ cert, key }).listen(Number(new URL(url).port), "127.0.0.2");
    await once(other, "listening");
    onTestFinished(() => void other.close());
    expect(await checkReceiver(named(elsewhere), cert)).toMatchObject({
      text: "receiver cannot be reached: its certificate is for another name",
    });
    const expired = await makeCertificate();
    await expire(expired);
    const old = await readFile(expired.certFile, "utf8");
    const late = await listen(createTls({ cert: old, key: expired.key }), "https");
    expect(await checkReceiver(named(late), old)).toMatchObject({
      text: "receiver cannot be reached: its certificate has expired",
    });
    await rm(expired.folder, { recursive: true });
  });

  it("may speak no TLS", async () => {
    const url = await listen(
      createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")),
      "https",
    );
    const { lines } = await on(url);
    expect(lines).toEqual([expect.stringMatching(/^fail localhost:\d+ cannot be reached: /)]);
  });
});
