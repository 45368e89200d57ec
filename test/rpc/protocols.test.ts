import type { Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import * as web from "@connectrpc/connect-web";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import tls from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Certificate, makeCertificate } from "../support/certificate.js";
import { callJson, request } from "../support/http.js";
import { roomy } from "../support/pair.js";
import { meetAndLeave } from "../support/scenario.js";
import { startServer, type TestServer } from "../support/server.js";

type Protocol = [name: string, transport: (baseUrl: string, ca?: string) => Transport];

/** Every protocol that is offered. `ca` is trusted as the issuer of the server's certificate. */
const protocols: Protocol[] = [
  ...(["1.1", "2"] as const).flatMap((httpVersion): Protocol[] => [
    [
      `Connect with JSON over HTTP/${httpVersion}`,
      (baseUrl, ca) => createConnectTransport({ baseUrl, httpVersion, nodeOptions: { ca } }),
    ],
    [
      `Connect with binary over HTTP/${httpVersion}`,
      (baseUrl, ca) => createConnectTransport({ baseUrl, httpVersion, nodeOptions: { ca }, useBinaryFormat: true }),
    ],
    [
      `gRPC-Web over HTTP/${httpVersion}`,
      (baseUrl, ca) => createGrpcWebTransport({ baseUrl, httpVersion, nodeOptions: { ca } }),
    ],
  ]),
];
const grpc: Protocol = ["gRPC over HTTP/2", (baseUrl, ca) => createGrpcTransport({ baseUrl, nodeOptions: { ca } })];
const browsers: Protocol[] = [
  ["Connect from browsers", (baseUrl) => web.createConnectTransport({ baseUrl })],
  ["gRPC-Web from browsers", (baseUrl) => web.createGrpcWebTransport({ baseUrl })],
];

describe("on one cleartext port", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer(roomy);
  });
  afterAll(() => server.close());

  it.each([...protocols, grpc, ...browsers])("two clients are matched over %s", async (_name, transport) => {
    await meetAndLeave(transport(server.url), transport(server.url));
  });

  it("two clients with different protocols and HTTP versions are matched", async () => {
    const [connectOverH1] = protocols;
    await meetAndLeave(grpc[1](server.url), connectOverH1?.[1](server.url) ?? grpc[1](server.url));
  });
});

describe("over TLS", () => {
  let certificate: Certificate;
  let server: TestServer;
  beforeAll(async () => {
    certificate = await makeCertificate();
    server = await startServer({
      ...roomy,
      TLS_CERT_FILE: certificate.certFile,
      TLS_KEY_FILE: certificate.keyFile,
    });
  });
  afterAll(async () => {
    await server.close();
    await rm(certificate.folder, { recursive: true });
  });

  it.each([...protocols, grpc])("two clients are matched over %s", async (_name, transport) => {
    await meetAndLeave(transport(server.url, certificate.ca), transport(server.url, certificate.ca));
  });

  it.each([
    ["h2", ["h2", "http/1.1"]],
    ["http/1.1", ["http/1.1"]],
  ])("ALPN chooses %s of %j", async (chosen, ALPNProtocols) => {
    const socket = tls.connect({ host: "127.0.0.1", port: server.port, ca: certificate.ca, ALPNProtocols });
    await once(socket, "secureConnect");
    expect(socket.alpnProtocol).toBe(chosen);
    socket.destroy();
  });

  it("HTTP/1.1 is used for a client without ALPN", async () => {
    const socket = tls.connect({ host: "127.0.0.1", port: server.port, ca: certificate.ca });
    socket.write("GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
  });
});

describe("in production", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({
      ...roomy,
      NODE_ENV: "production",
      CLIENT_URL: "https://chat.example.com",
      SESSION_SECRET: "a secret of at least thirty-two characters",
    });
  });
  afterAll(() => server.close());

  it.each([...protocols, ...browsers])("two clients are matched over %s", async (_name, transport) => {
    await meetAndLeave(transport(server.url), transport(server.url));
  });

  it.each([
    "SignalService/Signal",
    "SignalService/Send",
    "MatchService/Match",
    "MatchService/Leave",
    "MatchService/Report",
  ])("gRPC is refused for %s", async (method) => {
    const headers = { "content-type": "application/grpc+proto" };
    const answer = await request(`${server.url}/satoshigle.v1.${method}`, { method: "POST", headers });
    expect(answer.status).toBe(415);
  });

  it.each(["v1", "v1alpha"])("reflection %s is not served", async (version) => {
    const path = `grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    expect((await callJson(server.url, path)).status).toBe(404);
  });
});

describe("with SOCKET_PATH", () => {
  it("the RPCs are served under the prefix only", async () => {
    const server = await startServer({ ...roomy, SOCKET_PATH: "/chat/v2" });
    const transport = () => createConnectTransport({ baseUrl: `${server.url}/chat/v2`, httpVersion: "1.1" });
    await meetAndLeave(transport(), transport());
    expect((await callJson(server.url, "satoshigle.v1.MatchService/Leave")).status).toBe(404);
    expect((await request(`${server.url}/healthz`)).status).toBe(200);
    await server.close();
  });
});
