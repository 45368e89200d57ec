import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { promisify } from "node:util";
import parsePrometheus from "parse-prometheus-text-format";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { Description_Type } from "../../gen/satoshigle/v1/signal_pb.js";
import { type Certificate, makeCertificate } from "../support/certificate.js";
import { GrpcClient, type Message } from "../support/grpc.js";
import { callJson, request } from "../support/http.js";
import { candidate, pair, roomy } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { refusalOf } from "../support/refusal.js";
import { sdp } from "../support/sdp.js";
import { startServer, type TestServer } from "../support/server.js";

const MONITORING = "satoshigle.internal.v1.MonitoringService";
const HEALTH = "grpc.health.v1.Health";

let certificate: Certificate;
beforeAll(async () => {
  certificate = await makeCertificate();
});
afterAll(() => rm(certificate.folder, { recursive: true }));

/** Cleartext HTTP/2, and mutual TLS with the same certificate on both sides. */
const ways = {
  h2c: () => ({ variables: {}, tls: undefined }),
  "mutual TLS": () => ({
    variables: {
      INTERNAL_TLS_CERT_FILE: certificate.certFile,
      INTERNAL_TLS_KEY_FILE: certificate.keyFile,
      INTERNAL_TLS_CA_FILE: certificate.certFile,
    },
    tls: { ca: certificate.ca, cert: certificate.ca, key: certificate.key },
  }),
};

// Samples come every five seconds: both wait for them at the same time.
describe.concurrent.each(Object.keys(ways) as (keyof typeof ways)[])("grpc-js over %s", (way) => {
  let server: TestServer;
  let monitoring: GrpcClient;
  let health: GrpcClient;
  beforeAll(async () => {
    const { variables, tls } = ways[way]();
    server = await startServer({ ...roomy, ...variables, DRAIN_TIMEOUT_MS: "5000" });
    monitoring = new GrpcClient(MONITORING, server.internalUrl, tls);
    health = new GrpcClient(HEALTH, server.internalUrl, tls);
  });
  afterAll(async () => {
    monitoring.close();
    health.close();
    await server.close();
  });

  it("receives the statistics of this instance and of all", async () => {
    for (const scope of ["SCOPE_UNSPECIFIED", "SCOPE_INSTANCE", "SCOPE_CLUSTER"]) {
      const { stats } = (await monitoring.call("getStats", { scope })) as { stats: Message };
      expect(stats).toMatchObject({ instanceCount: 1, sessionCount: 0, waitingCount: 0, matchCount: 0, ready: true });
      expect(stats.memoryBytes).toBeGreaterThan(1e7);
    }
    await expect(monitoring.call("getStats", { scope: 7 })).rejects.toThrow("INVALID_ARGUMENT: scope");
  });

  it("receives samples, and continues after the cursor without gaps or repetition", async () => {
    const [latest] = await monitoring.take("watchStats", {}, 1);
    const [first] = await monitoring.take("watchStats", { cursor: "0" }, 1);
    expect(Number(latest?.cursor)).toBeGreaterThanOrEqual(Number(first?.cursor)); // which was the same at the start
    const [second, third] = await monitoring.take("watchStats", { cursor: first?.cursor }, 2);
    const again = await monitoring.take("watchStats", { cursor: first?.cursor }, 2);
    expect(again).toEqual([second, third]);
    const all = await monitoring.take("watchStats", { cursor: "0" }, 3);
    expect(all).toEqual([first, second, third]);
  });

  it("checks, lists and watches the health of each service", async () => {
    const open = ["Signal", "Match", "Tip", "Answer", "Warning", "Deposit", "Diagnostics", "Evidence"].map(
      (name) => `v1.${name}`,
    );
    const names = [
      ...["Operator", "Moderation", "Action", "People", "Payment", "Event", "Admin", "Transparency"],
      ...["Channel", "DepositReview"],
    ];
    const others = [...open, ...names.map((name) => `internal.v1.${name}`)];
    const services = ["", MONITORING, ...others.map((name) => `satoshigle.${name}Service`)];
    for (const service of services) {
      expect(await health.call("check", { service })).toMatchObject({ status: "SERVING" });
    }
    const { statuses } = (await health.call("list")) as { statuses: object };
    expect(Object.keys(statuses).sort()).toEqual(services.sort());
    expect(await health.take("watch", { service: MONITORING }, 1)).toMatchObject([{ status: "SERVING" }]);
  });

  it("drains the instance as SIGTERM does, without ending the process", async () => {
    const { variables, tls } = ways[way]();
    const drained = await startServer({ ...roomy, ...variables, DRAIN_TIMEOUT_MS: "600000" });
    const client = new GrpcClient(MONITORING, drained.internalUrl, tls);
    const itsHealth = new GrpcClient(HEALTH, drained.internalUrl, tls);
    const person = await TestClient.open(transportTo(drained.url));
    const watching = itsHealth.take("watch", { service: MONITORING }, 2);
    const draining = Promise.all([client.call("drainInstance"), client.call("drainInstance")]);
    await person.until("draining");
    expect(await itsHealth.call("check", { service: "" })).toMatchObject({ status: "NOT_SERVING" });
    expect(await watching).toMatchObject([{ status: "SERVING" }, { status: "NOT_SERVING" }]);
    expect((await request(`${drained.url}/readyz`)).status).toBe(503);
    expect(await refusalOf(TestClient.open(person.transport))).toMatchObject({ reason: "DRAINING" });
    await person.break();
    await draining;
    expect(await client.call("getStats")).toMatchObject({ stats: { streamCount: 0, ready: false } });
    expect((await request(`${drained.url}/healthz`)).status).toBe(200);
    client.close();
    itsHealth.close();
    await drained.close();
  });
});

describe.each(["true", "false"])("the statistics, with FAST_PATH=%s", (FAST_PATH) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ ...roomy, FAST_PATH });
  });
  afterAll(() => server.close());

  const stats = async () => {
    const { text } = await callJson(server.internalUrl, `${MONITORING}/GetStats`);
    return (JSON.parse(text) as { stats: Record<string, never> }).stats as Record<string, unknown>;
  };
  const metrics = async () => {
    const answer = await request(`${server.internalUrl}/metrics`);
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    return parsePrometheus(answer.text);
  };
  const valueOf = (families: Awaited<ReturnType<typeof metrics>>, name: string, labels: Record<string, string> = {}) =>
    Number(
      families
        .find((family) => family.name === name)
        ?.metrics.find((metric) => Object.entries(labels).every(([key, value]) => metric.labels?.[key] === value))
        ?.value ?? 0,
    );

  it("are the same in GetStats and on /metrics", async () => {
    const before = await metrics();
    const { offerer, answerer, matchId } = await pair(transportTo(server.url));
    await offerer.send({ matchId, clientSequence: 1, signals: [candidate(1)] });
    await answerer.until("signalReceived");
    expect((await stats()).handshakeTime ?? {}, "candidates do not complete a handshake").not.toHaveProperty("count");
    const offer = { case: "description" as const, value: { type: Description_Type.OFFER, sdp: sdp() } };
    await offerer.send({ matchId, clientSequence: 2, signals: [{ kind: offer }, candidate(2)] });
    await answerer.until("signalReceived");
    await expect(offerer.send({ matchId, clientSequence: 5, signals: [candidate(3)] })).rejects.toThrow();
    const lone = await TestClient.open(transportTo(server.url));
    await lone.match({ preferences: { interests: ["nobody else's"] } });
    await lone.until("waiting");
    expect(await stats()).toMatchObject({
      ...{ instanceCount: 1, streamCount: 3, sessionCount: 3, waitingCount: 1, matchCount: 1, ready: true },
      timeToMatch: { count: "2" },
      handshakeTime: { count: "1" },
      queueAge: { count: "1" },
      refusals: [{ method: "Send", code: "failed_precondition", callCount: "1" }],
    });
    const { resume } = answerer;
    await answerer.break();
    const back = await TestClient.open(answerer.transport, resume);
    await offerer.leave();
    await back.until("matchEnded");
    await offerer.until("matchEnded");
    expect(await stats()).toMatchObject({
      resumeRate: 1,
      ends: [
        { reason: "left", sideCount: "1" },
        { reason: "partner_left", sideCount: "1" },
      ],
    });
    const after = await metrics();
    const moved = (name: string, labels?: Record<string, string>) =>
      valueOf(after, name, labels) - valueOf(before, name, labels);
    expect(moved("satoshigle_matches_begun_total")).toBe(1);
    expect(moved("satoshigle_signals_total")).toBe(3);
    expect(moved("satoshigle_calls_total", { method: "Send", code: "ok" })).toBe(2);
    expect(moved("satoshigle_calls_total", { method: "Send", code: "failed_precondition" })).toBe(1);
    expect(moved("satoshigle_calls_total", { method: "Match", code: "ok" })).toBe(3);
    expect(moved("satoshigle_calls_total", { method: "Signal", code: "ok" })).toBe(4);
    expect(moved("satoshigle_calls_total", { method: "Leave", code: "ok" })).toBe(1);
    expect(moved("satoshigle_match_ends_total", { reason: "partner_left" })).toBe(1);
    expect(moved("satoshigle_returned_streams_total", { how: "resumed" })).toBe(1);
    expect(moved("satoshigle_streams")).toBe(3);
    expect(moved("satoshigle_waiting_sessions")).toBe(1);
    const times = after.find(({ name }) => name === "satoshigle_time_to_match_seconds");
    expect(times).toMatchObject({ type: "HISTOGRAM", metrics: [{ count: "2" }] });
    expect(Object.keys(times?.metrics[0]?.buckets ?? {})).toHaveLength(36);
  });

  it("of the process are on /metrics, each with a help text", async () => {
    const families = await metrics();
    const names = families.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["process_cpu_seconds_total", "nodejs_heap_size_used_bytes"]));
    for (const { name, help } of families) {
      expect(name).toMatch(/^(satoshigle|process|nodejs)_/);
      expect(help.length).toBeGreaterThan(5);
    }
  });

  it("count sessions that were refused because the server is full", async () => {
    const full = await startServer({ ...roomy, FAST_PATH, MAX_SESSIONS: "1" });
    await TestClient.open(transportTo(full.url));
    const refusal = await refusalOf(TestClient.open(transportTo(full.url)));
    expect(refusal).toMatchObject({ message: "the server is full; try again soon", problem: "overload" });
    const { text } = await callJson(full.internalUrl, `${MONITORING}/GetStats`);
    expect(JSON.parse(text)).toMatchObject({
      stats: {
        refusals: [{ method: "Signal", code: "resource_exhausted", callCount: "1" }],
        sheds: [{ cause: "full", sessionCount: "1" }],
      },
    });
    await full.close();
  });

  it("of the embedded database measure the time from a call to its answer", async () => {
    const { offerer, matchId } = await pair(transportTo(server.url));
    await offerer.report({ matchId, reason: ReportReason.SPAM });
    const { storeLatency } = (await stats()) as { storeLatency: { count: string } };
    expect(Number(storeLatency.count)).toBeGreaterThan(0);
  });

  it("contain the number of active bans", async () => {
    expect(await stats()).toMatchObject({ banCount: 0 });
    const moderation = "satoshigle.internal.v1.ModerationService";
    const network = { addressKey: "A".repeat(22) };
    await callJson(server.internalUrl, `${moderation}/Ban`, network);
    expect(await stats()).toMatchObject({ banCount: 1 });
    await callJson(server.internalUrl, `${moderation}/Unban`, network);
    expect(await stats()).toMatchObject({ banCount: 0 });
  });

  it.each(["x", "-1", "1.5", "0x1", "01", "1e3", " 1", "999999999999999"])(
    "cannot be watched from the cursor %j, which is refused with the field's name",
    async (cursor) => {
      const client = new GrpcClient(MONITORING, server.internalUrl);
      await expect(client.take("watchStats", { cursor }, 1)).rejects.toThrow("INVALID_ARGUMENT: cursor");
      client.close();
    },
  );

  it("can be requested with buf curl, without a schema", async () => {
    const curl = async (...args: string[]) => {
      const { stdout } = await promisify(execFile)("node_modules/.bin/buf", [
        "curl",
        "--http2-prior-knowledge",
        ...args,
      ]);
      return stdout;
    };
    const methods = await curl("--list-methods", server.internalUrl);
    for (const method of ["GetStats", "WatchStats", "DrainInstance"])
      expect(methods).toContain(`${MONITORING}/${method}`);
    for (const protocol of ["connect", "grpc", "grpcweb"]) {
      const answer = await curl("--protocol", protocol, `${server.internalUrl}/${MONITORING}/GetStats`);
      expect(JSON.parse(answer)).toMatchObject({ stats: { instanceCount: 1, ready: true } });
    }
  });

  it.each(["GetStats", "WatchStats", "DrainInstance"])(
    "are not served on the public port: %s is 404",
    async (method) => {
      expect((await callJson(server.url, `${MONITORING}/${method}`)).status).toBe(404);
      expect((await request(`${server.url}/metrics`)).status).toBe(404);
    },
  );
});
