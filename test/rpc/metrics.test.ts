import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { callJson, request } from "../support/http.js";
import { roomy } from "../support/pair.js";
import { TestClient } from "../support/test-client.js";
import { startServer, type TestServer } from "../support/server.js";
import { behindProxy, meet, talk, transportFrom } from "./support/networks.js";

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ ...roomy, ...behindProxy, BAN_AFTER_REPORTS: "1" });
});
afterAll(() => server.close());

const samples = async () => (await request(`${server.internalUrl}/metrics`)).text.split("\n");

it("start at 0 for every label value", async () => {
  const names = (await samples()).filter((line) => /^satoshigle_\w+_total\{/.test(line));
  const counted = {
    reports: 6,
    bans: 2,
    shed_sessions: 2,
    match_ends: 9,
    tips: 7,
    returned_streams: 2,
    webhook_deliveries: 2,
  };
  for (const [name, count] of Object.entries(counted)) {
    const zeros = names.filter((line) => line.startsWith(`satoshigle_${name}_total{`) && line.endsWith(" 0"));
    expect(zeros, name).toHaveLength(count);
  }
});

it("state the version of the server", async () => {
  const { version } = JSON.parse(await readFile("package.json", "utf8")) as { version: string };
  expect(await samples()).toContain(`satoshigle_build_info{version="${version}"} 1`);
});

it("count a report once, and the resulting ban", async () => {
  const enter = (address: string) => TestClient.open(transportFrom(server, address));
  const meeting = await meet(await enter("192.0.2.1"), await enter("198.51.100.1"));
  await talk(meeting);
  const report = { matchId: meeting.matchId, reason: ReportReason.SPAM };
  await meeting.first.report(report);
  await meeting.first.report(report);
  const after = await samples();
  expect(after).toContain('satoshigle_reports_total{reason="spam"} 1');
  expect(after).toContain('satoshigle_bans_total{cause="reports"} 1');
  expect(after).toContain("satoshigle_bans 1");
});

it("count the bans of operators", async () => {
  const moderation = "satoshigle.internal.v1.ModerationService";
  const network = { addressKey: "A".repeat(22) };
  await callJson(server.internalUrl, `${moderation}/Ban`, network);
  const during = await samples();
  expect(during).toContain('satoshigle_bans_total{cause="operator"} 1');
  expect(during).toContain("satoshigle_bans 2");
  await callJson(server.internalUrl, `${moderation}/Unban`, network);
  expect(await samples()).toContain("satoshigle_bans 1");
});
