import { Code, ConnectError } from "@connectrpc/connect";
import { pino } from "pino";
import type { FastifyInstance } from "fastify";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/adapters/node/clock.js";
import { loadConfig } from "../../src/config.js";
import type { SessionId } from "../../src/core/ids.js";
import { signToken } from "../../src/core/token.js";
import { withDeadline } from "../../src/rpc/interceptors/deadline.js";
import { namedOperators } from "../../src/adapters/operators/named-operators.js";
import { createAuthenticator } from "../../src/rpc/admission/authenticate.js";
import { internalListener } from "../../src/rpc/internal-listener.js";
import { monitoringService } from "../../src/rpc/services/monitoring.js";
import { publicListener } from "../../src/rpc/public-listener.js";
import { settingsFrom } from "../../src/settings.js";
import { callJson } from "../support/http.js";
import { roomy } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { startServer, type TestServer } from "../support/server.js";

/** Work that never ends, like a disk that does not answer. */
const hangs = () => new Promise<never>(() => undefined);
const logger = pino({ level: "silent" });
const secret = "a secret of at least 32 characters";
const token = signToken(secret, "somebody" as SessionId);
const settings = (fastPath: string) =>
  settingsFrom(loadConfig({ NODE_ENV: "test", FAST_PATH: fastPath, SESSION_SECRET: secret }));

async function publicWithoutAnswers(fastPath: string): Promise<FastifyInstance> {
  const { guards, public: listener } = settings(fastPath);
  return publicListener({
    services: {
      openStream: hangs,
      sessions: { goodbye: hangs },
      diagnostics: { reportCheck: hangs },
      evidence: { settings: { policy: "off", recipients: [] }, attach: hangs, commit: hangs },
      signaling: { send: hangs },
      relaying: { iceServers: hangs },
      clientProblems: { report: hangs },
      matching: { match: hangs, leave: hangs },
      moderation: { report: hangs },
      answers: { acknowledge: hangs },
      warnings: { acknowledge: hangs },
      appeals: { appeal: hangs },
      deposits: { request: hangs, own: hangs },
      tipping: { offer: hangs, sendInvoice: hangs, confirm: hangs, confirmReceipt: hangs, cancel: hangs },
    },
    authenticate: createAuthenticator(guards, systemClock),
    countCall: () => undefined,
    isReady: () => true,
    troubles: () => [],
    logger,
    settings: listener,
  });
}

let drained: () => void = () => undefined;
const draining = new Promise<void>((resolve) => (drained = resolve));

function internalWithoutAnswers(): Promise<FastifyInstance> {
  return internalListener({
    services: [monitoringService({ get: hangs } as never, { drain: () => draining, resume: () => undefined })],
    operators: namedOperators,
    addSite: () => undefined,
    logger,
    settings: settings("true").internal,
  });
}

describe.concurrent("a unary call that does not end", () => {
  const started: FastifyInstance[] = [];
  const urls: Record<string, string> = {};
  beforeAll(async () => {
    const listeners = {
      "on the fast path": await publicWithoutAnswers("true"),
      "in the library": await publicWithoutAnswers("false"),
      "on the internal listener": await internalWithoutAnswers(),
    };
    for (const [name, app] of Object.entries(listeners)) {
      await app.listen({ host: "127.0.0.1", port: 0 });
      started.push(app);
      urls[name] = `http://127.0.0.1:${String((app.server.address() as AddressInfo).port)}`;
    }
  });
  afterAll(async () => {
    await Promise.all(started.map((app) => app.close()));
  });

  const patient = { "connect-timeout-ms": "60000" };
  const report = { matchId: "AAAAAAAAAAAAAAAAAAAAAA", reason: "REPORT_REASON_SPAM" };
  it.each([
    ["on the fast path", "satoshigle.v1.MatchService/Leave", {}],
    ["on the fast path", "satoshigle.v1.MatchService/Match", {}],
    ["in the library", "satoshigle.v1.MatchService/Leave", {}],
    ["in the library", "satoshigle.v1.MatchService/Report", report],
    ["on the internal listener", "satoshigle.internal.v1.MonitoringService/GetStats", {}],
  ])("%s is ended by us, though its client set no deadline: %s", async (where, method, body) => {
    const { error } = await callJson(
      urls[where] ?? "",
      method,
      body,
      token,
      where.startsWith("on the internal") ? {} : patient,
    );
    expect(error?.code, String(error)).toBe(Code.DeadlineExceeded);
    expect(error?.message).toContain("did not end within 10 s; it may have been carried out");
  });

  it("has no deadline if it is DrainInstance, which waits for streams to end", async () => {
    const [url, monitoring] = [urls["on the internal listener"] ?? "", "satoshigle.internal.v1.MonitoringService"];
    const [drain, { error }] = [
      callJson(url, `${monitoring}/DrainInstance`),
      await callJson(url, `${monitoring}/GetStats`),
    ];
    expect(error?.code).toBe(Code.DeadlineExceeded);
    drained();
    expect((await drain).error).toBeUndefined();
  });
});

describe("work with a deadline", () => {
  it("passes on the result if it ends in time", async () => {
    expect(await withDeadline(Promise.resolve("done"), 60_000)).toBe("done");
    await expect(withDeadline(Promise.reject(new Error("broken")), 60_000)).rejects.toThrow("broken");
  });

  it("is abandoned when the time is over", async () => {
    const error: unknown = await withDeadline(hangs(), 1).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConnectError);
    expect((error as ConnectError).code).toBe(Code.DeadlineExceeded);
  });
});

describe("a timeout above the limit of unary calls is shortened", () => {
  it.each(["true", "false"])("with FAST_PATH=%s", async (FAST_PATH) => {
    const server = await startServer({ ...roomy, FAST_PATH });
    const { welcome } = await TestClient.open(transportTo(server.url));
    const headers = { authorization: `Bearer ${welcome.token}` };
    const [connect, grpcWeb] = ["application/proto", "application/grpc-web+proto"];
    for (const [type, name, timeout] of [
      [connect, "connect-timeout-ms", "30000"],
      [connect, "connect-timeout-ms", "9999999999"],
      [grpcWeb, "grpc-timeout", "30S"],
      [grpcWeb, "grpc-timeout", "99999999H"],
    ] as const) {
      const init = { method: "POST", headers: { ...headers, "content-type": type, [name]: timeout } };
      const body = type === connect ? Buffer.alloc(0) : Buffer.alloc(5);
      const answer = await fetch(`${server.url}/satoshigle.v1.MatchService/Leave`, { ...init, body });
      expect([answer.status, (await answer.text()).includes("grpc-status: 0")]).toEqual([200, type === grpcWeb]);
    }
    await server.close();
  });
});

describe("a timeout beyond the range of a timer", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ HEARTBEAT_INTERVAL_MS: "1000" });
  });
  afterAll(() => server.close());

  const empty = Buffer.alloc(5);
  it.each([
    ["application/connect+proto", "connect-timeout-ms", "2147483648"],
    ["application/connect+proto", "connect-timeout-ms", "9999999999"],
    ["application/connect+proto", "connect-timeout-ms", "2147483647"],
    ["application/grpc-web+proto", "grpc-timeout", "99999999H"],
  ])("is none: %s with %s: %s stays open", async (type, name, timeout) => {
    const hangUp = new AbortController();
    const init = { method: "POST", headers: { "content-type": type, [name]: timeout }, body: empty };
    const answer = await fetch(`${server.url}/satoshigle.v1.SignalService/Signal`, { ...init, signal: hangUp.signal });
    const reader = answer.body?.getReader();
    for (let part = 1; part <= 2; part++) expect((await reader?.read())?.done).toBe(false); // Welcome, a heartbeat
    hangUp.abort();
  });
});
