import { randomBytes } from "node:crypto";
import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { beforeAll, describe, expect, it } from "vitest";
import { CaseOutcome } from "../../gen/satoshigle/internal/v1/case_pb.js";
import { ModerationService } from "../../gen/satoshigle/internal/v1/moderation_pb.js";
import { AnswerService } from "../../gen/satoshigle/v1/answer_pb.js";
import { MatchService, ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { appSecret, identityToken } from "../support/app-keys.js";
import { roomy } from "../support/pair.js";
import { refusalOf } from "../support/refusal.js";
import type { TestServer } from "../support/server.js";
import { type Resume, TestClient } from "../support/test-client.js";
import { behindProxy, meet, talk, transportFrom } from "./support/networks.js";
import { oneAndTwo } from "./support/one-and-two.js";

let made = 0;
const somewhere = () => `10.${String(++made)}.0.1`;
const deviceKey = () => randomBytes(16).toString("base64url");
const byAnn = { headers: { "x-satoshigle-moderator": "ann" } };

const variables = { ...roomy, ...behindProxy, IDENTITY_SECRET: appSecret, SESSIONS_PER_PERSON: "4" };

describe.each(oneAndTwo(variables))("the answer to a report on %s", (_name, servers) => {
  let here: TestServer;
  let there: TestServer;
  let desk: Client<typeof ModerationService>;
  beforeAll(() => {
    [here, there] = servers();
    desk = createClient(ModerationService, createGrpcTransport({ baseUrl: there.internalUrl }));
  });

  const enter = (server: TestServer, who: Resume = {}) => TestClient.open(transportFrom(server, somewhere()), who);
  const callsOf = <S extends typeof MatchService | typeof AnswerService>(client: TestClient, service: S) => {
    const calls = createClient(service, client.transport);
    return { calls, options: { headers: { authorization: `Bearer ${client.welcome.token}` } } };
  };
  /** Reports a new partner. Returns the ID of the report, and the key that the report is about. */
  const report = async (reporter: TestClient) => {
    const meeting = await meet(reporter, await enter(here, { deviceKey: deviceKey() }));
    await talk(meeting);
    const { calls, options } = callsOf(reporter, MatchService);
    const request = { matchId: meeting.matchId, reason: ReportReason.SPAM };
    const { reportId } = await calls.report(request, options);
    expect(await calls.report(request, options)).toMatchObject({ reportId });
    await meeting.second.break();
    return reportId;
  };
  const resolve = async (reportId: string, outcome = CaseOutcome.BANNED) => {
    const { cases } = await desk.listCases({ pageSize: 500 });
    for (const { caseId } of cases) {
      const { reports } = await desk.listCaseReports({ caseId });
      if (!reports.some((one) => one.reportId === reportId)) continue;
      await desk.claimCase({ caseId }, byAnn);
      await desk.resolveCase({ caseId, outcome, resolution: "secret reasons" }, byAnn);
      const resolved = await desk.listCaseReports({ caseId });
      expect(resolved.reports).toMatchObject([{ reportId, resolution: "secret reasons" }]);
    }
  };
  const acknowledge = async (client: TestClient, ...reportIds: string[]) => {
    const { calls, options } = callsOf(client, AnswerService);
    await calls.acknowledgeReports({ reportIds }, options);
  };

  it("arrives at once in the session of a browser, and says nothing but whether it led to something", async () => {
    const reporter = await enter(here, { deviceKey: deviceKey() });
    const reportId = await report(reporter);
    await resolve(reportId);
    const answer = await reporter.until("reportUpdated");
    const { $typeName, createTime, ...said } = answer;
    expect([$typeName, said]).toEqual(["satoshigle.v1.ReportUpdated", { reportId, actedOn: true }]);
    expect(Number(createTime?.seconds) * 1_000).toBeLessThanOrEqual(Date.now());
    await reporter.break();
  });

  it("arrives in each further session of a person, on any device, until it was seen", async () => {
    const identity = { identityToken: await identityToken({ sub: `ann ${String(++made)}` }) };
    const reporter = await enter(here, identity);
    const [reportId, other] = [await report(reporter), await report(reporter)];
    await reporter.break();
    await resolve(reportId, CaseOutcome.NO_VIOLATION);
    for (const [index, server] of [here, there].entries()) {
      const later = await enter(server, { ...identity, deviceKey: deviceKey() });
      expect(await later.until("reportUpdated")).toMatchObject({ reportId, actedOn: false });
      if (index === 1) await acknowledge(later, reportId, "1", other);
      await later.break();
    }
    const later = await enter(here, identity);
    const next = await report(later);
    await resolve(next);
    expect(await later.until("reportUpdated")).toMatchObject({ reportId: next });
    await later.break();
  });

  it("is not for others, who cannot take it away either", async () => {
    const own = deviceKey();
    const reporter = await enter(here, { deviceKey: own });
    const reportId = await report(reporter);
    await reporter.break();
    await resolve(reportId);
    const stranger = await enter(here, { deviceKey: deviceKey() });
    await acknowledge(stranger, reportId);
    const later = await enter(there, { deviceKey: own });
    expect(await later.until("reportUpdated")).toMatchObject({ reportId });
    await Promise.all([stranger.break(), later.break()]);
  });

  it("is acknowledged by sessions only, with IDs only", async () => {
    const calls = createClient(AnswerService, transportFrom(here, somewhere()));
    expect(await refusalOf(calls.acknowledgeReports({ reportIds: ["1"] }))).toMatchObject({ code: "Unauthenticated" });
    const client = await enter(here);
    expect(await refusalOf(acknowledge(client, "1; DROP"))).toMatchObject({ code: "InvalidArgument" });
    expect(await refusalOf(acknowledge(client))).toMatchObject({ code: "InvalidArgument" });
    await acknowledge(client, "9".repeat(16));
    await client.break();
  });
});
