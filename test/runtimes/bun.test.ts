import { randomUUID } from "node:crypto";
import { once } from "node:events";
import http2 from "node:http2";
import { rm } from "node:fs/promises";
import { Agent, get } from "node:https";
import { connect } from "node:net";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MonitoringService } from "../../gen/satoshigle/internal/v1/monitoring_pb.js";
import { SignalService } from "../../gen/satoshigle/v1/signaling_pb.js";
import { Tip_State } from "../../gen/satoshigle/v1/tip_pb.js";
import { CallPage as Visitor } from "../e2e/support/call-page.js";
import { launchBrowser } from "../e2e/support/chromium.js";
import { ServerProcess } from "../e2e/support/server-process.js";
import { makeCertificate } from "../support/certificate.js";
import { invoiceOf } from "../support/invoice.js";
import { candidate, pair } from "../support/pair.js";
import { transportTo } from "../support/test-client.js";
import { freePort } from "../support/ports.js";
import { runtime } from "../support/runtimes.js";

let server: ServerProcess;
let internalUrl: string;
beforeAll(async () => {
  const port = String(await freePort());
  internalUrl = `http://127.0.0.1:${port}`;
  const variables = { LIGHTNING_NETWORK: "regtest", INTERNAL_PORT: port, HEARTBEAT_INTERVAL_MS: "6000" };
  server = await ServerProcess.start(variables, runtime("bun"));
}, 180_000);
afterAll(() => server.close());

describe("on Bun", () => {
  it("the log says what does not work, and what to do", () => {
    expect(server.output).toMatch(/Bun [\d.]+ serves HTTP\/1\.1 only: gRPC and HTTP\/2 are refused .* run on Node\.js/);
  });

  it("two pages have a call", async () => {
    const browser = await launchBrowser();
    const visitors = await Promise.all([Visitor.arrive(browser, server.url), Visitor.arrive(browser, server.url)]);
    for (const visitor of visitors) await visitor.start();
    for (const visitor of visitors) await visitor.seesPartner();
    expect(visitors.flatMap(({ pageErrors }) => pageErrors)).toEqual([]);
    await browser.close();
  });

  it("a pair exchanges signals and settles a tip, which survives a kill", async () => {
    const { offerer, answerer, matchId } = await pair(transportTo(server.url));
    await offerer.send({ matchId, clientSequence: 1, signals: [candidate(1)] });
    expect(await answerer.until("signalReceived")).toMatchObject({ matchId, signals: [candidate(1)] });
    const tipId = randomUUID();
    const { invoice, preimage } = invoiceOf({ amountMsat: 21_000 });
    await offerer.tips.offer({ tipId, matchId, amountMsat: 21_000n });
    await answerer.tips.sendInvoice({ tipId, invoice });
    await offerer.tips.confirm({ tipId, preimage });
    let state: Tip_State | undefined;
    while (state !== Tip_State.SETTLED) state = (await answerer.until("tipUpdated")).tip?.state;
    await Promise.all([offerer.break(), answerer.break()]);
    await server.stop("SIGKILL");
    await server.start();
    expect(server.output).toContain("Satoshigle is up");
  });

  it("a stream stays open for longer than a connection has to identify its protocol", async () => {
    const end = new AbortController();
    const cases: (string | undefined)[] = [];
    for await (const { event } of createClient(SignalService, transportTo(server.url)).signal({}, end)) {
      cases.push(event.case);
      if (cases.length === 2) break; // the heartbeat comes after more than the five seconds
    }
    end.abort();
    expect(cases).toEqual(["welcome", "heartbeat"]);
  });

  it("the internal services answer Connect and gRPC-Web over HTTP/1.1", async () => {
    const options = { baseUrl: internalUrl, httpVersion: "1.1" } as const;
    for (const transport of [createConnectTransport(options), createGrpcWebTransport(options)]) {
      expect((await createClient(MonitoringService, transport).getStats({})).stats).toBeDefined();
    }
  });

  it("HTTP/2 is refused on both listeners, in words", async () => {
    for (const url of [server.url, internalUrl]) {
      const session = http2.connect(url.replace("localhost", "127.0.0.1"));
      session.on("error", () => undefined);
      const [code, , text] = (await once(session, "goaway")) as [number, number, Buffer];
      expect([code, text.toString()]).toEqual([
        http2.constants.NGHTTP2_HTTP_1_1_REQUIRED,
        "this server runs on Bun, which serves HTTP/1.1 only",
      ]);
      session.destroy();
    }
    const grpc = createClient(MonitoringService, createGrpcTransport({ baseUrl: internalUrl }));
    await expect(grpc.getStats({})).rejects.toThrow();
  });

  it("a malformed request is closed, and the server goes on", async () => {
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    socket.on("error", () => undefined).write("nonsense\r\n\r\n");
    await once(socket.resume(), "close");
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });
});

it("on Bun, TLS offers HTTP/1.1 only, so that browsers do not choose HTTP/2", async () => {
  const certificate = await makeCertificate();
  const files = { TLS_CERT_FILE: certificate.certFile, TLS_KEY_FILE: certificate.keyFile };
  const secure = await ServerProcess.start(files, runtime("bun"));
  const agent = new Agent({ ca: certificate.ca, ALPNProtocols: ["h2", "http/1.1"] });
  const request = get(secure.url.replace("http:", "https:") + "/healthz", { agent });
  const [response] = (await once(request, "response")) as [{ statusCode: number }];
  expect(response.statusCode).toBe(200);
  agent.destroy();
  expect(await secure.stop()).toBe(0);
  await secure.close();
  await rm(certificate.folder, { recursive: true });
});
