import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SessionClosed_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { roomy } from "../support/pair.js";
import { TestClient } from "../support/test-client.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { behindProxy, meet, reportFrom, talk, transportFrom } from "./support/networks.js";
import { Operator } from "./support/operator.js";

const banned = { code: "PermissionDenied", reason: "BANNED" };

let server: TestServer;
let operator: Operator;
beforeAll(async () => {
  server = await startServer({ ...roomy, ...behindProxy, BAN_AFTER_REPORTS: "3" });
  operator = new Operator(server.internalPort);
});
afterAll(async () => {
  operator.close();
  await server.close();
});

const enter = (address: string) => TestClient.open(transportFrom(server, address));

describe("reports do not lead to a ban", () => {
  it("if the two never negotiated", async () => {
    for (const reporterAt of ["192.0.2.1", "198.51.100.1", "203.0.113.1", "233.252.9.1"]) {
      const { matchId, first } = await meet(await enter(reporterAt), await enter("233.252.20.1"));
      await first.report({ matchId, reason: ReportReason.SPAM });
    }
    await enter("233.252.20.1");
  });

  it("if the reporters' streams come from one network, wherever the calls are made", async () => {
    for (const elsewhere of ["192.0.2.1", "198.51.100.1", "203.0.113.1", "233.252.9.1"]) {
      const [reporter, reported] = [await enter("192.0.2.1"), await enter("233.252.30.1")];
      const meeting = await meet(reporter, reported);
      await talk(meeting);
      const answer = await fetch(`${server.url}/satoshigle.v1.MatchService/Report`, {
        method: "POST",
        headers: {
          ...{ authorization: `Bearer ${reporter.resume.token}`, "x-forwarded-for": elsewhere },
          "content-type": "application/json",
        },
        body: JSON.stringify({ matchId: meeting.matchId, reason: ReportReason.SPAM }),
      });
      expect(answer.status).toBe(200);
    }
    const { reports } = await operator.call("listReports", { pageSize: 4 });
    expect(new Set(reports.map(({ reporterKey }) => reporterKey)).size).toBe(1);
    await enter("233.252.30.1");
  });

  it("if they come from one household, however many of its networks are used", async () => {
    for (let subnet = 0; subnet < 4; subnet++) {
      await reportFrom(server, `2001:db8:aa:${subnet.toString(16)}00::1`, "233.252.40.1");
    }
    await enter("233.252.40.1");
  });
});

describe("a ban of an IPv6 household", () => {
  it("follows reports of several of its /64s, and applies to all of them", async () => {
    const reporters = ["192.0.2.1", "198.51.100.1", "203.0.113.1", "233.252.9.1", "233.252.10.1", "233.252.11.1"];
    for (const [index, reporterAt] of reporters.entries()) {
      await reportFrom(server, reporterAt, `2001:db8:bb:a${String(index)}::1`);
    }
    for (const again of ["2001:db8:bb:a0::1", "2001:db8:bb:af::1"])
      expect(await refusalOf(enter(again))).toMatchObject(banned);
    await enter("2001:db8:bb:100::1");
  });

  it("can be added by an operator with the keys of a report", async () => {
    await reportFrom(server, "192.0.2.1", "2001:db8:cc:1::1");
    const [report] = (await operator.call("listReports", { pageSize: 1 })).reports;
    expect(report?.reportedWiderKeys).toHaveLength(2);
    const [, addressKey = ""] = report?.reportedWiderKeys ?? [];
    const there = await enter("2001:db8:cc:ff00::1");
    await operator.call("ban", { addressKey });
    expect(await there.until("sessionClosed")).toMatchObject({ reason: SessionClosed_Reason.BANNED });
    expect(await refusalOf(enter("2001:db8:cc:9::1"))).toMatchObject(banned);
    await operator.call("unban", { addressKey });
    await enter("2001:db8:cc:9::1");
  });
});
