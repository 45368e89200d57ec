import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SessionClosed_Reason, MatchEnded_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { ModerationService } from "../../gen/satoshigle/internal/v1/moderation_pb.js";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { roomy } from "../support/pair.js";
import { TestClient } from "../support/test-client.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { behindProxy, keyOf, meet, reportFrom, transportFrom } from "./support/networks.js";
import { Operator } from "./support/operator.js";

const turn = { TURN_URLS: "turn:127.0.0.1:3478", TURN_SECRET: "a secret of the relay" };
const banned = { code: "PermissionDenied", reason: "BANNED" };

let server: TestServer;
let operator: Operator;
beforeAll(async () => {
  server = await startServer({ ...roomy, ...behindProxy, ...turn, BAN_AFTER_REPORTS: "3" });
  operator = new Operator(server.internalPort);
});
afterAll(async () => {
  operator.close();
  await server.close();
});

const enter = (address: string) => TestClient.open(transportFrom(server, address));
const bansOf = async (addressKey: string) => {
  const { bans } = await operator.call("listBans", { pageSize: 500 });
  return bans.filter((ban) => ban.addressKey === addressKey);
};

describe("a report", () => {
  it("contains the keys of both networks, the match with its times, and the comment", async () => {
    const { matchId, first } = await meet(await enter("192.0.2.1"), await enter("2001:db8:1::1"));
    await first.report({ matchId, reason: ReportReason.HARASSMENT, comment: "shouted" });
    const { reports } = await operator.call("listReports", { pageSize: 1 });
    const [report] = reports;
    expect(report).toMatchObject({ matchId, reason: "harassment", comment: "shouted", resolution: "" });
    expect(report?.reporterKey).toMatch(/^[\w-]{22}$/);
    expect(report?.reportedKey).toMatch(/^[\w-]{22}$/);
    expect(report?.reporterKey).not.toBe(report?.reportedKey);
    const [began, made] = [Number(report?.matchStartTime?.seconds), Number(report?.createTime?.seconds)];
    expect(began).toBeLessThanOrEqual(made);
    expect(Math.abs(made - Date.now() / 1000)).toBeLessThan(60);
  });

  it("counts once if it is made 1,000 times", async () => {
    const { matchId, first } = await meet(await enter("192.0.2.1"), await enter("198.51.100.9"));
    await Promise.all(Array.from({ length: 1_000 }, () => first.report({ matchId, reason: ReportReason.SPAM })));
    const { reports } = await operator.call("listReports", { pageSize: 500 });
    const about = reports.filter((report) => report.matchId === matchId);
    expect(about).toHaveLength(1);
    expect(await bansOf(about[0]?.reportedKey ?? "")).toEqual([]);
  });

  it("is listed in pages, the newest first", async () => {
    for (const comment of ["1", "2", "3"]) await reportFrom(server, "192.0.2.1", "203.0.113.200", comment);
    const first = await operator.call("listReports", { pageSize: 2 });
    const second = await operator.call("listReports", { pageSize: 2, pageToken: first.nextPageToken });
    const comments = [...first.reports, ...second.reports].map(({ comment }) => comment);
    expect(comments.slice(0, 3)).toEqual(["3", "2", "1"]);
    let pages = 1;
    for (let token = first.nextPageToken; token !== ""; pages++) {
      token = (await operator.call("listReports", { pageSize: 2, pageToken: token })).nextPageToken;
    }
    const all = (await operator.call("listReports", { pageSize: 500 })).reports.length;
    expect(pages).toBeGreaterThanOrEqual(Math.ceil(all / 2));
  });

  it("stores its resolution", async () => {
    await reportFrom(server, "192.0.2.1", "203.0.113.201");
    const { reportId = "" } = (await operator.call("listReports", { pageSize: 1 })).reports[0] ?? {};
    await operator.call("resolveReport", { reportId, resolution: "nothing to it" });
    const resolved = await operator.call("resolveReport", { reportId, resolution: "warned" });
    expect(resolved.report).toMatchObject({ reportId, resolution: "warned" });
    expect((await operator.call("listReports", { pageSize: 1 })).reports).toEqual([resolved.report]);
    const unknown = await operator.refusal("resolveReport", { reportId: "12345", resolution: "" });
    expect(unknown.code).toBe("NOT_FOUND");
    expect(unknown.message).toContain("report_id");
  });

  it("is sent to watchers: first those after the cursor, then each new one once", async () => {
    await reportFrom(server, "192.0.2.1", "203.0.113.202", "before");
    const { reports } = await operator.call("listReports", { pageSize: 500 });
    const kept = await operator.watched(reports.length);
    expect(kept.map(({ report }) => report)).toEqual(reports.toReversed());
    const cursor = kept.at(-2)?.cursor;
    const watching = operator.watched(4, cursor);
    for (const comment of ["one", "two", "three"]) await reportFrom(server, "192.0.2.1", "203.0.113.202", comment);
    const came = (await watching).map(({ report }) => report?.comment);
    expect(came).toEqual(["before", "one", "two", "three"]);
  });
});

describe("reports ban", () => {
  it("no network if they come from one network, whatever addresses it uses", async () => {
    const key = await keyOf(server, operator, "203.0.113.10");
    for (let host = 1; host <= 6; host++) await reportFrom(server, `192.0.2.${String(host)}`, "203.0.113.10");
    expect(await bansOf(key)).toEqual([]);
    await enter("203.0.113.10");
  });

  it("a network if they come from BAN_AFTER_REPORTS networks", async () => {
    for (const reporter of ["192.0.2.1", "198.51.100.1"]) await reportFrom(server, reporter, "2001:db8:bad::1");
    await enter("2001:db8:bad::1");
    await reportFrom(server, "2001:db8:2::1", "2001:db8:bad::2");
    const refusal = await refusalOf(enter("2001:db8:bad::3"));
    expect(refusal).toMatchObject(banned);
    const [ban] = (await operator.call("listBans", { pageSize: 1 })).bans;
    expect(ban).toMatchObject({ automatic: true, reason: "reported from 3 networks within a day" });
    expect(Number(ban?.expireTime?.seconds) - Number(ban?.createTime?.seconds)).toBe(86_400);
  });
});

describe("a ban", () => {
  it("ends the streams of its network, notifies the partner, and applies until it is lifted", async () => {
    const [bad, partner] = [await enter("233.252.1.1"), await enter("192.0.2.50")];
    const { matchId } = await meet(bad, partner);
    await partner.report({ matchId, reason: ReportReason.SPAM });
    const addressKey = (await operator.call("listReports", { pageSize: 1 })).reports[0]?.reportedKey ?? "";
    await bad.until("matchEnded");
    await meet(bad, await enter("192.0.2.51"));
    const { ban } = await operator.call("ban", { addressKey, reason: "spam", duration: { seconds: 3_600n } });
    expect(ban).toMatchObject({ addressKey, reason: "spam", automatic: false });

    expect(await bad.until("sessionClosed")).toMatchObject({
      reason: SessionClosed_Reason.BANNED,
      shouldReconnect: false,
    });
    expect(await bad.ended).toBeUndefined();
    for (const attempt of [enter("233.252.1.200"), TestClient.open(transportFrom(server, "233.252.1.1"), bad.resume)]) {
      const refusal = await refusalOf(attempt);
      expect(refusal).toMatchObject(banned);
      expect(refusal.retryMs).toBeGreaterThan(3_500_000);
      expect(refusal.message).toContain("banned until 20");
    }
    expect((await operator.call("unban", { addressKey })).wasBanned).toBe(true);
    expect((await operator.call("unban", { addressKey })).wasBanned).toBe(false);
    const { iceServers } = await (await enter("233.252.1.1")).getIceServers();
    expect(iceServers.some(({ credential }) => credential !== "")).toBe(true);
  });

  it("notifies the partner that the match ended because of it", async () => {
    const addressKey = await keyOf(server, operator, "233.252.2.1");
    const [bad, partner] = [await enter("233.252.2.1"), await enter("192.0.2.60")];
    const { matchId } = await meet(bad, partner);
    await operator.call("ban", { addressKey });
    expect(await partner.until("matchEnded")).toMatchObject({ matchId, reason: MatchEnded_Reason.BANNED });
  });

  it("applies to Match, also for a session from another network", async () => {
    const addressKey = await keyOf(server, operator, "233.252.3.1");
    const elsewhere = await enter("192.0.2.70");
    await operator.call("ban", { addressKey });
    const moved = { ...elsewhere.resume };
    const headers = { authorization: `Bearer ${moved.token}`, "x-forwarded-for": "233.252.3.1" };
    const answer = await fetch(`${server.url}/satoshigle.v1.MatchService/Match`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: "{}",
    });
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("BANNED");
    expect(await refusalOf(TestClient.open(transportFrom(server, "233.252.3.9"), moved))).toMatchObject(banned);
    await elsewhere.match();
  });

  it("replaces the previous one, and lasts as long as automatic ones by default", async () => {
    const addressKey = await keyOf(server, operator, "233.252.4.1");
    await operator.call("ban", { addressKey, reason: "first", duration: { seconds: 60n } });
    const { ban } = await operator.call("ban", { addressKey, reason: "second" });
    expect(Number(ban?.expireTime?.seconds) - Number(ban?.createTime?.seconds)).toBe(86_400);
    expect(await bansOf(addressKey)).toEqual([ban]);
  });

  it("is listed in pages, the newest first", async () => {
    const keys = ["A", "B", "C"].map((letter) => letter.repeat(22));
    for (const addressKey of keys) await operator.call("ban", { addressKey });
    const first = await operator.call("listBans", { pageSize: 2 });
    const second = await operator.call("listBans", { pageSize: 1, pageToken: first.nextPageToken });
    expect([...first.bans, ...second.bans].map(({ addressKey }) => addressKey)).toEqual(keys.toReversed());
  });
});

describe("invalid input is refused with the name of the field", () => {
  const junk = ["x", "!!", Buffer.from("reports x").toString("base64url"), Buffer.from("bans 1").toString("base64url")];

  it.each(junk)("in page_token: %s", async (pageToken) => {
    const refusal = await operator.refusal("listReports", { pageToken });
    expect(refusal.code).toBe("INVALID_ARGUMENT");
    expect(refusal.message).toContain("page_token");
  });

  it("in page_token, if it belongs to another list", async () => {
    await reportFrom(server, "192.0.2.1", "203.0.113.203");
    await reportFrom(server, "192.0.2.1", "203.0.113.203");
    const { nextPageToken } = await operator.call("listReports", { pageSize: 1 });
    const refusal = await operator.refusal("listBans", { pageToken: nextPageToken });
    expect(refusal).toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("page_token") as string,
    });
  });

  it("in cursor", async () => {
    const refusal = await operator.watchRefusal("nowhere");
    expect(refusal).toMatchObject({ code: "INVALID_ARGUMENT", message: expect.stringContaining("cursor") as string });
  });

  it("in page_size, address_key and duration", async () => {
    const key = "A".repeat(22);
    const refusals = [
      await operator.refusal("listReports", { pageSize: 501 }),
      await operator.refusal("ban", { addressKey: "192.0.2.1" }),
      await operator.refusal("unban", { addressKey: "" }),
      await operator.refusal("ban", { addressKey: key, duration: { seconds: 59n } }),
    ];
    expect(refusals.map(({ code }) => code)).toEqual(Array(4).fill("INVALID_ARGUMENT"));
    const fields = ["page_size", "address_key", "address_key", "duration"];
    fields.forEach((field, index) => expect(refusals[index]?.message).toContain(field));
  });
});

it("cannot be reached on the public port", async () => {
  for (const { name } of ModerationService.methods) {
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
    expect((await fetch(`${server.url}/${ModerationService.typeName}/${name}`, init)).status).toBe(404);
  }
});
