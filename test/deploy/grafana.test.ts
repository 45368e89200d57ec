import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { Description_Type } from "../../gen/satoshigle/v1/signal_pb.js";
import { FakeNode } from "../app/support/fake-node.js";
import { pair, roomy } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { RedisServer } from "../support/redis.js";
import { sdp } from "../support/sdp.js";
import { startServer, type TestServer } from "../support/server.js";
import { soon } from "../support/soon.js";
import { readText } from "./support/files.js";
import { Prometheus } from "./support/prometheus.js";

interface Panel {
  id: number;
  title: string;
  type: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string; refId: string }[];
}

interface Dashboard {
  panels: Panel[];
  templating: { list: { name: string; query: string | { query: string } }[] };
}

const dashboard = JSON.parse(readText("deploy/grafana/dashboard.json")) as Dashboard;
const panels = dashboard.panels.filter(({ type }) => type !== "row");
const queries = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const));

/** A query in the form that Grafana sends. */
function filledIn(expr: string): string {
  return expr.replaceAll("$__rate_interval", "5m").replaceAll("$instance", ".*").replaceAll("$job", "satoshigle");
}

let redis: RedisServer;
let server: TestServer;
/** Has a neighbour realm, which needs Redis. */
let neighbour: TestServer;
let prometheus: Prometheus;
beforeAll(async () => {
  const relay = { TURN_URLS: "turn:127.0.0.1:9", TURN_SECRET: "north" };
  const webhooks = { WEBHOOK_URLS: "http://127.0.0.1:9/", WEBHOOK_SECRET: `whsec_${"A".repeat(32)}` };
  server = await startServer({ ...roomy, ...relay, ...webhooks }, nodeWithPayment());
  redis = await RedisServer.start();
  const overflow = { OVERFLOW_AFTER_MS: "1000", NEIGHBOUR_REALMS: "us", SESSION_SECRET: "s".repeat(32) };
  neighbour = await startServer({ ...overflow, REDIS_ENABLED: "true", REDIS_URL: redis.url });
  prometheus = await Prometheus.start(
    ...[server, neighbour].map(({ internalPort }) => `127.0.0.1:${String(internalPort)}`),
  );
  await scraped("satoshigle_calls_total", 0);
  await useServer();
  await scraped('satoshigle_calls_total{method="Send", code!="ok"}', 1);
});
afterAll(async () => {
  await prometheus.close();
  await server.close();
  await neighbour.close();
  await redis.close();
});

/** A Lightning node with a channel in which a payment is pending. */
function nodeWithPayment(): FakeNode {
  const node = new FakeNode();
  const terms = { peerId: "02", peerAddress: "", capacitySat: 1_000, pushSat: 0, isPrivate: false };
  const channelId = node.add({ ...terms, commandId: "", feeRateSatPerVbyte: 0 });
  node.change(channelId, { pendingHtlcs: 1, nextHtlcExpiryHeight: node.blockHeight + 40 });
  return node;
}

/** Waits until a scrape has this many series, and for the next scrape. */
async function scraped(selector: string, series: number): Promise<void> {
  await soon(async () => {
    const [count] = await prometheus.query("count_over_time(up[5m])");
    expect(Number(count?.value[1])).toBeGreaterThan(0);
    expect((await prometheus.query(selector)).length).toBeGreaterThanOrEqual(series);
  });
  const [before] = await prometheus.query("count_over_time(up[5m])");
  await soon(async () => {
    const [after] = await prometheus.query("count_over_time(up[5m])");
    expect(Number(after?.value[1])).toBeGreaterThan(Number(before?.value[1]) + 1);
  });
}

/** A call with an offer, a refused signal, a resumed stream, a waiting session, and a report. */
async function useServer(): Promise<void> {
  const { offerer, answerer, matchId } = await pair(transportTo(server.url));
  const offer = { case: "description" as const, value: { type: Description_Type.OFFER, sdp: sdp() } };
  await offerer.send({ matchId, clientSequence: 1, signals: [{ kind: offer }] });
  await answerer.until("signalReceived");
  await expect(offerer.send({ matchId, clientSequence: 9, signals: [{ kind: offer }] })).rejects.toThrow();
  const lone = await TestClient.open(transportTo(server.url));
  await lone.match({ preferences: { interests: ["nobody else's"] } });
  await lone.until("waiting");
  const { resume } = answerer;
  await answerer.break();
  const back = await TestClient.open(answerer.transport, resume);
  await back.report({ matchId, reason: ReportReason.SPAM });
}

describe("the dashboard", () => {
  it("has panels with different positions and IDs", () => {
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [index, { gridPos: a }] of panels.entries()) {
      const overlaps = ({ gridPos: b }: Panel) =>
        a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
      expect(panels.slice(index + 1).filter(overlaps)).toEqual([]);
      expect(a.x + a.w).toBeLessThanOrEqual(24);
    }
  });

  it.each(queries)("shows %s: %s", async (_, expr) => {
    await soon(async () => {
      const samples = await prometheus.query(filledIn(expr));
      expect(samples).not.toEqual([]);
      for (const { value } of samples) expect(Number(value[1])).not.toBeNaN();
    });
  });

  it("lists the existing jobs and instances", async () => {
    const [job, instance] = dashboard.templating.list
      .filter(({ name }) => name !== "datasource")
      .map(({ query }) => query);
    expect(job).toMatchObject({ query: "label_values(satoshigle_build_info, job)" });
    expect(instance).toMatchObject({ query: 'label_values(satoshigle_build_info{job="$job"}, instance)' });
    const samples = await prometheus.query('satoshigle_build_info{job="satoshigle"}');
    expect(samples.map(({ metric }) => metric.instance)).toContain(`127.0.0.1:${String(server.internalPort)}`);
  });

  it("shows all metrics of the server", async () => {
    const exposed = await (await fetch(`${server.internalUrl}/metrics`)).text();
    const names = [...exposed.matchAll(/^# TYPE (satoshigle_\w+)/gm)].map(([, name = ""]) => name);
    const shown = queries.map(([, expr]) => expr).join("\n");
    expect(names.filter((name) => !shown.includes(name))).toEqual([]);
  });
});
