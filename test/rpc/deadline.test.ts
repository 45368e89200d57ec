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
import { createAuthenticator } from "../../src/rpc/admission/authenticate.js";
import { internalListener } from "../../src/rpc/internal-listener.js";
import { monitoringService } from "../../src/rpc/services/monitoring.js";
import { publicListener } from "../../src/rpc/public-listener.js";
import { settingsFrom } from "../../src/settings.js";
import { callJson } from "../support/http.js";
import { startServer, type TestServer } from "../support/server.js";

/** Work that never ends, as when a disk does not answer. */
const hangs = () => new Promise<never>(() => undefined);
const logger = pino({ level: "silent" });
const secret = "a secret of at least 32 characters";
const token = signToken(secret, "somebody" as SessionId);
const settings = (directPath: string) =>
  settingsFrom(loadConfig({ NODE_ENV: "test", DIRECT_PATH: directPath, SESSION_SECRET: secret }));

async function publicWithoutAnswers(directPath: string): Promise<FastifyInstance> {
  const { guards, public: listener } = settings(directPath);
  return publicListener({
    services: {
      openStream: hangs,
      diagnostics: { reportCheck: hangs },
      signaling: { send: hangs },
      relaying: { iceServers: hangs },
      matching: { match: hangs, leave: hangs },
      moderation: { report: hangs },
      tipping: { offer: hangs, sendInvoice: hangs, confirm: hangs, cancel: hangs },
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
    addSite: () => undefined,
    logger,
    settings: settings("true").internal,
  });
}

describe.concurrent("a unary call that does not come to an end", () => {
  const started: FastifyInstance[] = [];
  const urls: Record<string, string> = {};
  beforeAll(async () => {
    const listeners = {
      "on the direct path": await publicWithoutAnswers("true"),
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

  const report = { matchId: "AAAAAAAAAAAAAAAAAAAAAA", reason: "REPORT_REASON_SPAM" };
  it.each([
    ["on the direct path", "satoshigle.v1.MatchService/Leave", {}],
    ["on the direct path", "satoshigle.v1.MatchService/Match", {}],
    ["in the library", "satoshigle.v1.MatchService/Leave", {}],
    ["in the library", "satoshigle.v1.MatchService/Report", report],
    ["on the internal listener", "satoshigle.internal.v1.MonitoringService/GetStats", {}],
  ])("%s is ended by us, though its client set no deadline: %s", async (where, method, body) => {
    const { error } = await callJson(urls[where] ?? "", method, body, token);
    expect(error?.code, String(error)).toBe(Code.DeadlineExceeded);
    expect(error?.message).toContain("did not end within 10 s; it may have been carried out");
  });

  it("is not ended when it is DrainInstance, which waits for streams to go", async () => {
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
  it("tells what came of it in time", async () => {
    expect(await withDeadline(Promise.resolve("done"), 60_000)).toBe("done");
    await expect(withDeadline(Promise.reject(new Error("broken")), 60_000)).rejects.toThrow("broken");
  });

  it("is given up when the time is over", async () => {
    const error: unknown = await withDeadline(hangs(), 1).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConnectError);
    expect((error as ConnectError).code).toBe(Code.DeadlineExceeded);
  });
});

describe("a time limit beyond what a timer can wait", () => {
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
    for (let part = 1; part <= 2; part++) expect((await reader?.read())?.done).toBe(false); // a welcome, a heartbeat
    hangUp.abort();
  });
});
