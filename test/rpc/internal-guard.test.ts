import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Certificate, makeCertificate } from "../support/certificate.js";
import { GrpcClient } from "../support/grpc.js";
import { startServer, type TestServer } from "../support/server.js";

const MONITORING = "satoshigle.internal.v1.MonitoringService";
const paths = ["/", "/metrics", `/${MONITORING}/GetStats`];

/** The status that curl receives, with any headers; 0 if there is no answer. */
async function statusOf(url: string, ...args: string[]): Promise<number> {
  const post = url.includes(MONITORING) ? ["-H", "content-type: application/json", "-d", "{}"] : [];
  const curl = promisify(execFile)("curl", ["-s", "-o", "/dev/null", "-w", "%{http_code}", ...post, ...args, url]);
  const { stdout } = await curl.catch((error: unknown) => error as { stdout: string });
  return Number(stdout);
}

describe("on loopback, in cleartext", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.close());

  const versions = ["--http1.1", "--http2-prior-knowledge"];

  it.each(paths)("%s serves programs, and pages of its own origin", async (path) => {
    for (const version of versions) {
      expect(await statusOf(server.internalUrl + path, version)).toBe(200);
      expect(await statusOf(server.internalUrl + path, version, "-H", `origin: ${server.internalUrl}`)).toBe(200);
    }
  });

  it.each(paths)("%s refuses pages of any other origin", async (path) => {
    for (const origin of [
      "https://evil.example",
      "null",
      server.url,
      server.internalUrl.replace("http", "https"),
      server.internalUrl.replace("127.0.0.1", "localhost"),
    ]) {
      for (const version of versions) {
        expect(await statusOf(server.internalUrl + path, version, "-H", `origin: ${origin}`), origin).toBe(403);
      }
    }
  });

  it.each(paths)("%s accepts only loopback names, as any other may have been pointed at it", async (path) => {
    const port = String(server.internalPort);
    for (const host of ["localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "[::1]"]) {
      expect(await statusOf(server.internalUrl + path, "-H", `host: ${host}:${port}`), host).toBe(200);
    }
    for (const host of [
      "evil.example",
      "localhost.evil.example",
      "127.0.0.1.evil.example",
      "10.0.0.1",
      "[2001:db8::1]",
    ]) {
      for (const version of versions) {
        expect(await statusOf(server.internalUrl + path, version, "-H", `host: ${host}:${port}`), host).toBe(421);
      }
    }
    const isCall = path.includes(MONITORING);
    expect(await statusOf(server.internalUrl + path, "--http1.0", "-H", "host:")).toBe(isCall ? 400 : 421);
  });

  it("a page cannot drain it, whatever it sends", async () => {
    const url = `${server.internalUrl}/${MONITORING}/DrainInstance`;
    expect(await statusOf(url, "-H", "origin: https://evil.example")).toBe(403);
    expect(await (await fetch(`${server.url}/readyz`)).json()).toEqual({ ready: true, troubles: [] });
  });

  it("serves the console with a policy that allows its own files, and pictures that the page makes", async () => {
    const { headers } = await fetch(server.internalUrl);
    expect(headers.get("content-security-policy")).toBe(
      "default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });
});

describe("with mutual TLS", () => {
  let own: Certificate;
  let operator: Certificate;
  let stranger: Certificate;
  let server: TestServer;
  beforeAll(async () => {
    [own, operator, stranger] = await Promise.all([makeCertificate(), makeCertificate(), makeCertificate()]);
    server = await startServer({
      INTERNAL_TLS_CERT_FILE: own.certFile,
      INTERNAL_TLS_KEY_FILE: own.keyFile,
      INTERNAL_TLS_CA_FILE: operator.certFile,
      HOSTS: "ops.example.com",
    });
  });
  afterAll(async () => {
    await server.close();
    await Promise.all([own, operator, stranger].map(({ folder }) => rm(folder, { recursive: true })));
  });

  const as = ({ certFile, keyFile }: Certificate) => ["--cert", certFile, "--key", keyFile];

  it.each(paths)("%s serves clients with a certificate, under its own names", async (path) => {
    const call = (...args: string[]) => statusOf(server.internalUrl + path, "--cacert", own.certFile, ...args);
    expect(await call(...as(operator))).toBe(200);
    expect(await call(...as(operator), "-H", "host: ops.example.com")).toBe(200);
    expect(await call(...as(operator), "-H", "host: evil.example")).toBe(421);
    expect(await call(...as(operator), "-H", "origin: https://evil.example")).toBe(403);
  });

  it.each(paths)("%s is not served without a certificate, with a foreign one, or in cleartext", async (path) => {
    const call = (...args: string[]) => statusOf(server.internalUrl + path, "--cacert", own.certFile, ...args);
    expect(await call()).toBe(0);
    expect(await call(...as(stranger))).toBe(0);
    expect(await call(...as(own))).toBe(0);
    expect(await statusOf(server.internalUrl.replace("https", "http") + path)).toBe(0);
  });

  it.each(["getStats", "drainInstance"])(
    "%s from grpc-js is refused without a certificate, or with a foreign one",
    async (method) => {
      for (const { ca, ...pair } of [{ ca: own.ca }, { ca: own.ca, cert: stranger.ca, key: stranger.key }]) {
        const client = new GrpcClient(MONITORING, server.internalUrl, { ca, ...pair });
        await expect(client.call(method)).rejects.toThrow("UNAVAILABLE");
        client.close();
      }
      expect(await (await fetch(`${server.url}/readyz`)).json()).toEqual({ ready: true, troubles: [] });
    },
  );
});
