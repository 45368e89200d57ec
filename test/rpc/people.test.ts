import { randomBytes } from "node:crypto";
import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AdminService } from "../../gen/satoshigle/internal/v1/admin_pb.js";
import { EventService, EventType } from "../../gen/satoshigle/internal/v1/event_log_pb.js";
import { ModerationService } from "../../gen/satoshigle/internal/v1/moderation_pb.js";
import { PeopleService } from "../../gen/satoshigle/internal/v1/people_pb.js";
import { MatchEnded_Reason, SessionClosed_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { appSecret, identityToken } from "../support/app-keys.js";
import { roomy, uniqueInterest } from "../support/pair.js";
import { RedisServer } from "../support/redis.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { TestClient } from "../support/test-client.js";
import { behindProxy, meet, talk, transportFrom } from "./support/networks.js";

const variables = { ...roomy, ...behindProxy, IDENTITY_SECRET: appSecret, BAN_AFTER_REPORTS: "1" };
let redis: RedisServer;
let standalone: TestServer;
let instances: [TestServer, TestServer];

beforeAll(async () => {
  redis = await RedisServer.start();
  const shared = { REDIS_ENABLED: "true", REDIS_URL: redis.url, SESSION_SECRET: "s".repeat(32) };
  const start = () => startServer({ ...variables, ...shared });
  standalone = await startServer(variables);
  instances = [await start(), await start()];
});
afterAll(async () => {
  await Promise.all([standalone, ...instances].map((server) => server.close()));
  await redis.close();
});

let made = 0;
/** A subject that no other test uses. */
const someone = (name: string) => `${name} ${String(++made)}`;

const deployments: [name: string, servers: () => readonly [TestServer, TestServer]][] = [
  ["a standalone server", () => [standalone, standalone]],
  ["two instances", () => instances],
];

describe.each(deployments)("the people of %s", (_name, servers) => {
  let here: TestServer;
  let there: TestServer;
  let people: Client<typeof PeopleService>;
  let moderation: Client<typeof ModerationService>;
  let events: Client<typeof EventService>;
  let admin: Client<typeof AdminService>;
  beforeAll(() => {
    [here, there] = servers();
    const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${String(here.internalPort)}` });
    people = createClient(PeopleService, transport);
    moderation = createClient(ModerationService, transport);
    events = createClient(EventService, transport);
    admin = createClient(AdminService, transport);
  });

  /** Opens a session on the second instance. */
  const enter = async (subject?: string, address = "192.0.2.7", claims = {}) => {
    const identity = subject === undefined ? {} : { identityToken: await identityToken({ sub: subject, ...claims }) };
    return TestClient.open(transportFrom(there, address), identity);
  };
  /** The person once the server has stored it, which it does not wait for. */
  const stored = async (subject: string) => {
    await expect.poll(() => people.getPerson({ subject }).catch(() => undefined)).toBeDefined();
    return people.getPerson({ subject });
  };

  it("are stored with their subject and a key, and listed", async () => {
    const [ann, ben] = [someone("ann"), someone("ben")];
    await enter(ann);
    await stored(ann);
    await enter(ben);
    const { person } = await stored(ben);
    expect(person).toMatchObject({ subject: ben, personKey: expect.stringMatching(/^~[\w-]{22}$/) as string });
    expect(person?.lastSeenTime).toEqual(person?.firstSeenTime);
    const first = await people.listPeople({ pageSize: 1 });
    expect(first.people.map(({ subject }) => subject)).toEqual([ben]);
    const second = await people.listPeople({ pageSize: 1, pageToken: first.nextPageToken });
    expect(second.people.map(({ subject }) => subject)).toEqual([ann]);
  });

  it("are not found by other subjects, and anonymous callers are not among them", async () => {
    const { people: before } = await people.listPeople({});
    await enter();
    expect((await people.listPeople({})).people).toEqual(before);
    const refusal = await refusalOf(people.getPerson({ subject: someone("nobody") }));
    expect(refusal).toMatchObject({ code: "NotFound", reason: "PERSON_UNKNOWN", field: "subject" });
  });

  it("lose their sessions when the app closes them, and may open others", async () => {
    const ann = someone("ann");
    const [session, stranger] = [await enter(ann), await enter()];
    const { matchId } = await meet(session, stranger);
    expect(await people.closeSessions({ subject: ann })).toMatchObject({ closedCount: 1 });
    expect(await session.until("sessionClosed")).toMatchObject({
      reason: SessionClosed_Reason.REMOVED,
      shouldReconnect: false,
    });
    const ended = await stranger.until("matchEnded");
    expect(ended).toMatchObject({ matchId, reason: MatchEnded_Reason.PARTNER_LEFT });
    expect(await people.closeSessions({ subject: ann })).toMatchObject({ closedCount: 0 });
    await enter(ann);
  });

  it("are refused with tokens from before a revocation, and welcome with a later one", async () => {
    const ann = someone("ann");
    const session = await enter(ann);
    expect(await people.revokeTokens({ subject: ann })).toMatchObject({ closedCount: 1 });
    expect((await session.until("sessionClosed")).reason).toBe(SessionClosed_Reason.REMOVED);
    const refusal = { code: "Unauthenticated", reason: "IDENTITY_REFUSED", problem: "revoked" };
    expect(await refusalOf(enter(ann))).toMatchObject(refusal);
    const resumed = TestClient.open(transportFrom(there, "192.0.2.7"), session.resume);
    expect(await refusalOf(resumed)).toMatchObject({ reason: "SESSION_UNKNOWN" });
    const iat = Math.floor(Date.now() / 1000) + 2;
    const later = await enter(ann, undefined, { iat });
    expect((await stored(ann)).revokedBeforeTime).toBeDefined();
    await later.break();
  });

  it("are refused without the time of issue once tokens are revoked", async () => {
    const ann = someone("ann");
    await people.revokeTokens({ subject: ann, issuedBeforeTime: { seconds: 1n, nanos: 0 } });
    await enter(ann);
    const future = { seconds: BigInt(Math.floor(Date.now() / 1000) + 3_600), nanos: 0 };
    const refusal = await refusalOf(people.revokeTokens({ subject: ann, issuedBeforeTime: future }));
    expect(refusal).toMatchObject({ code: "InvalidArgument", field: "issued_before_time" });
  });

  it("are kept apart by a block, on every device, until it is removed", async () => {
    const [ann, ben] = [someone("ann"), someone("ben")];
    const [first, second] = [await enter(ann), await enter(ben)];
    const { matchId } = await meet(first, second);
    await people.block({ subject: ben, otherSubject: ann });
    for (const side of [first, second]) {
      expect(await side.until("matchEnded")).toMatchObject({ matchId, reason: MatchEnded_Reason.PARTNER_LEFT });
    }
    const [later, alsoLater] = [await enter(ann, "198.51.100.9"), await enter(ben, "203.0.113.9")];
    const preferences = { interests: [uniqueInterest()] };
    await later.match({ preferences });
    await later.until("waiting");
    await alsoLater.match({ preferences });
    await alsoLater.until("waiting");
    const { blocked } = await people.getPerson({ subject: ben });
    const { person } = await people.getPerson({ subject: ann });
    expect(blocked).toMatchObject([{ subject: ann, personKey: person?.personKey }]);
    expect(await people.unblock({ subject: ben, otherSubject: ann })).toMatchObject({ wasBlocked: true });
    expect(await people.unblock({ subject: ben, otherSubject: ann })).toMatchObject({ wasBlocked: false });
    expect((await people.getPerson({ subject: ben })).blocked).toEqual([]);
  });

  it("cannot block themselves", async () => {
    const ann = someone("ann");
    const refusal = await refusalOf(people.block({ subject: ann, otherSubject: ann }));
    expect(refusal).toMatchObject({ code: "InvalidArgument", field: "other_subject" });
  });

  it("have blocked whom they reported", async () => {
    const [ann, eve] = [someone("ann"), someone("eve")];
    const [reporter, reported] = [await enter(ann), await enter(eve, "198.51.100.20")];
    await stored(ann);
    await stored(eve);
    const { matchId } = await meet(reporter, reported);
    await reporter.report({ matchId, reason: ReportReason.HARASSMENT });
    expect((await people.getPerson({ subject: ann })).blocked).toMatchObject([{ subject: eve }]);
    expect((await people.getPerson({ subject: eve })).blocked).toEqual([]);
    const { reports } = await moderation.listReports({ pageSize: 1 });
    expect(reports).toMatchObject([{ matchId, reporterSubject: ann, reportedSubject: eve }]);
  });

  it("are banned by their subject on every network, and their neighbours are not", async () => {
    const eve = someone("eve");
    const session = await enter(eve, "192.0.2.30");
    await stored(eve);
    const { ban } = await moderation.ban({ subject: eve, reason: "spam" });
    expect(ban).toMatchObject({ subject: eve, reason: "spam" });
    expect((await session.until("sessionClosed")).reason).toBe(SessionClosed_Reason.BANNED);
    await expect
      .poll(() => refusalOf(enter(eve, "203.0.113.30")))
      .toMatchObject({ code: "PermissionDenied", reason: "BANNED" });
    await enter(someone("neighbour"), "192.0.2.30");
    await enter(undefined, "192.0.2.30");
    expect((await people.getPerson({ subject: eve })).banExpireTime).toEqual(ban?.expireTime);
    const { bans } = await moderation.listBans({ pageSize: 1 });
    expect(bans).toMatchObject([{ subject: eve, addressKey: ban?.addressKey }]);
    expect(await moderation.unban({ subject: eve })).toMatchObject({ wasBanned: true });
    await expect.poll(() => enter(eve).then(() => "welcome", () => "refused")).toBe("welcome"); // prettier-ignore
  });

  it("are banned by reports, whichever networks they use", async () => {
    const eve = someone("eve");
    const [ann, first] = [await enter(undefined, "198.51.100.40"), await enter(eve, "192.0.2.40")];
    await stored(eve);
    const meeting = await meet(ann, first);
    await talk(meeting);
    await ann.report({ matchId: meeting.matchId, reason: ReportReason.SPAM });
    expect((await first.until("sessionClosed")).reason).toBe(SessionClosed_Reason.BANNED);
    const { bans } = await moderation.listBans({ pageSize: 1 });
    expect(bans).toMatchObject([{ subject: eve, automatic: true }]);
  });

  it.each([
    ["neither", {}],
    ["both", { subject: "ann", addressKey: "a".repeat(22) }],
  ])("are banned by a key or a subject, not by %s", async (_what, target) => {
    for (const refused of [moderation.ban(target), moderation.unban(target)]) {
      expect(await refusalOf(refused)).toMatchObject({ code: "InvalidArgument", field: "subject" });
    }
  });

  it("are forgotten: reports and bans keep their key only", async () => {
    const eve = someone("eve");
    const [ann, session] = [await enter(undefined, "198.51.100.50"), await enter(eve, "192.0.2.50")];
    await stored(eve);
    const { matchId } = await meet(ann, session);
    await ann.report({ matchId, reason: ReportReason.OTHER });
    const { person } = await people.getPerson({ subject: eve });
    expect(await people.forget({ subject: eve })).toMatchObject({ wasStored: true });
    expect((await session.until("sessionClosed")).reason).toBe(SessionClosed_Reason.REMOVED);
    expect(await people.forget({ subject: eve })).toMatchObject({ wasStored: false });
    expect(await refusalOf(people.getPerson({ subject: eve }))).toMatchObject({ reason: "PERSON_UNKNOWN" });
    const { reports } = await moderation.listReports({ pageSize: 1 });
    expect(reports).toMatchObject([{ matchId, reportedKey: person?.personKey, reportedSubject: "" }]);
  });

  it("are named by the events about them, until they are forgotten", async () => {
    const ann = someone("ann");
    const [session, stranger] = [await enter(ann), await enter()];
    await stored(ann);
    const { matchId } = await meet(session, stranger);
    const { matches } = await admin.listMatches({ pageSize: 1 });
    expect(matches).toMatchObject([{ matchId, offerer: { subject: "" }, answerer: { subject: ann } }]);
    const types = [EventType.MATCH_BEGAN];
    const began = async () => (await events.listEvents({ pageSize: 5, types })).events[0]?.event.value;
    await expect.poll(began).toMatchObject({ matchId, answerer: { subject: ann } });
    const { person } = await people.getPerson({ subject: ann });
    await people.forget({ subject: ann });
    const personKey = person?.personKey;
    expect(await began()).toMatchObject({ matchId, answerer: { subject: "", personKey } });
  });

  it("are refused with a subject that no token can have", async () => {
    for (const subject of ["", "x".repeat(129)]) {
      expect(await refusalOf(people.closeSessions({ subject }))).toMatchObject({ field: "subject" });
    }
  });

  it("are followed to another network by a ban of their browser, if they send its key", async () => {
    const open = (address: string, deviceKey = "") => TestClient.open(transportFrom(there, address), { deviceKey });
    const deviceKey = randomBytes(16).toString("base64url");
    const [ann, eve] = [await open("198.51.100.60"), await open("192.0.2.60", deviceKey)];
    const meeting = await meet(ann, eve);
    await talk(meeting);
    await ann.report({ matchId: meeting.matchId, reason: ReportReason.SPAM });
    expect((await eve.until("sessionClosed")).reason).toBe(SessionClosed_Reason.BANNED);
    const refusal = { code: "PermissionDenied", reason: "BANNED" };
    await expect.poll(() => refusalOf(open("203.0.113.60", deviceKey))).toMatchObject(refusal);
    await open("203.0.113.60", randomBytes(16).toString("base64url"));
    const { reports } = await moderation.listReports({ pageSize: 1 });
    expect(reports[0]).toMatchObject({ reportedDeviceKey: expect.stringMatching(/^\^[\w-]{22}$/) as string });
    await moderation.unban({ addressKey: reports[0]?.reportedDeviceKey ?? "" });
    await moderation.unban({ addressKey: reports[0]?.reportedKey ?? "" });
  });

  it.each(["short", "a".repeat(65), "with spaces and ünïcode!"])("are refused with the key %j", async (deviceKey) => {
    const refused = TestClient.open(transportFrom(there, "192.0.2.61"), { deviceKey });
    expect(await refusalOf(refused)).toMatchObject({ code: "InvalidArgument", field: "device_key" });
  });

  it("never appear in the log", () => {
    for (const { log } of new Set([here, there])) expect(log).not.toMatch(/\b(ann|ben|eve|neighbour) \d/);
  });
});
