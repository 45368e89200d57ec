import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ActionKind, ActionService } from "../../gen/satoshigle/internal/v1/action_pb.js";
import { AdminService } from "../../gen/satoshigle/internal/v1/admin_pb.js";
import { ModerationService } from "../../gen/satoshigle/internal/v1/moderation_pb.js";
import { MatchEnded_Reason, SessionClosed_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { Description_Type } from "../../gen/satoshigle/v1/signal_pb.js";
import { appSecret, identityToken } from "../support/app-keys.js";
import { roomy, uniqueInterest } from "../support/pair.js";
import { RedisServer } from "../support/redis.js";
import { refusalOf } from "../support/refusal.js";
import { sdp } from "../support/sdp.js";
import { startServer, type TestServer } from "../support/server.js";
import { TestClient } from "../support/test-client.js";
import { behindProxy, meet, transportFrom } from "./support/networks.js";

const limit = { MODERATION_NETWORK_LIMIT: "2", SESSIONS_PER_PERSON: "2" };
const FILE = "attributes:\n  - { name: interests, gives_way_after_seconds: 600 }\n  - name: mode\n";
let folder: string;
let redis: RedisServer;
let standalone: TestServer;
let instances: [TestServer, TestServer];

beforeAll(async () => {
  redis = await RedisServer.start();
  const shared = { REDIS_ENABLED: "true", REDIS_URL: redis.url, SESSION_SECRET: "s".repeat(32) };
  folder = await mkdtemp(join(tmpdir(), "satoshigle-actions-"));
  const MATCHING_FILE = join(folder, "matching.yaml");
  await writeFile(MATCHING_FILE, FILE);
  const app = { IDENTITY_SECRET: appSecret, LIGHTNING_NETWORK: "regtest" };
  const variables = { ...roomy, ...behindProxy, ...limit, ...app, MATCHING_FILE };
  const start = () => startServer({ ...variables, ...shared });
  standalone = await startServer(variables);
  instances = [await start(), await start()];
});
afterAll(async () => {
  await Promise.all([standalone, ...instances].map((server) => server.close()));
  await redis.close();
  await rm(folder, { recursive: true });
});

let made = 0;
/** A subject, and an address, that no other test uses. */
const someone = (name: string) => `${name} ${String(++made)}`;
const somewhere = () => `10.${String(++made)}.0.1`;
const minute = { seconds: 60n };

const deployments: [name: string, servers: () => readonly [TestServer, TestServer]][] = [
  ["a standalone server", () => [standalone, standalone]],
  ["two instances", () => instances],
];

describe.each(deployments)("actions on %s", (_name, servers) => {
  let here: TestServer;
  let there: TestServer;
  let actions: Client<typeof ActionService>;
  let moderation: Client<typeof ModerationService>;
  let admin: Client<typeof AdminService>;
  beforeAll(() => {
    [here, there] = servers();
    const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${String(here.internalPort)}` });
    actions = createClient(ActionService, transport);
    moderation = createClient(ModerationService, transport);
    admin = createClient(AdminService, transport);
  });

  const enter = async (server: TestServer, subject?: string, address = somewhere(), deviceKey = "") => {
    const identity = subject === undefined ? {} : { identityToken: await identityToken({ sub: subject }) };
    return TestClient.open(transportFrom(server, address), { ...identity, deviceKey });
  };
  const take = async (kind: ActionKind, subject: string, more = {}) => {
    const { action } = await actions.takeAction({ kind, subject, duration: minute, ...more });
    if (action === undefined) throw new Error("the answer has no action");
    return action;
  };
  /** The key of the network of an address. */
  const networkOf = async (address: string) => {
    const client = await enter(here, undefined, address);
    const { sessions } = await admin.listSessions({ pageSize: 500 });
    await client.break();
    return sessions.find(({ session }) => session?.sessionId === client.welcome.sessionId)?.addressKey ?? "";
  };

  describe("text_only", () => {
    it("closes the sessions on the other instance within a second, and restricts the next one", async () => {
      const subject = someone("ann");
      const [ann, bob] = [await enter(there, subject), await enter(there)];
      const { matchId } = await meet(ann, bob);
      const beganMs = performance.now();
      await take(ActionKind.TEXT_ONLY, subject, { reason: "spam", moderator: "mod" });
      expect((await ann.until("sessionClosed")).reason).toBe(SessionClosed_Reason.REMOVED);
      expect(performance.now() - beganMs).toBeLessThan(1_000);
      expect(await bob.until("matchEnded")).toMatchObject({ matchId, reason: MatchEnded_Reason.PARTNER_LEFT });
      await expect.poll(async () => (await enter(there, subject)).welcome.modeLimit).toBe("text");
    });

    it("allows no media, and the partner learns that it is text", async () => {
      const subject = someone("ann");
      await take(ActionKind.TEXT_ONLY, subject);
      const [ann, bob] = [await enter(here, subject), await enter(here)];
      expect(ann.welcome.modeLimit).toBe("text");
      const preferences = { interests: [uniqueInterest()] };
      await ann.match({ preferences, attributes: [{ name: "mode", values: ["video"] }] });
      await bob.match({ preferences });
      const { matchId, partnerMode } = await bob.until("matched");
      expect(partnerMode).toBe("text");
      const value = { type: Description_Type.OFFER, connectionId: "pc", sdp: mediaSdp };
      const sent = ann.send({ matchId, clientSequence: 1, signals: [{ kind: { case: "description", value } }] });
      expect(await refusalOf(sent)).toMatchObject({ code: "InvalidArgument", field: "signals[0].description.sdp" });
    });

    it("is matched only with those who accept text", async () => {
      const subject = someone("ann");
      await take(ActionKind.TEXT_ONLY, subject);
      const preferences = { interests: [uniqueInterest()] };
      const [ann, bob, cyd, dan] = [
        await enter(here, subject),
        await enter(here),
        await enter(there),
        await enter(here),
      ];
      await ann.match({ preferences });
      await ann.until("waiting");
      await bob.match({ preferences, filters: [{ name: "mode", values: ["video"] }] });
      await bob.until("waiting");
      await cyd.match({ preferences, filters: [{ name: "mode", values: ["text", "audio"] }] });
      expect((await cyd.until("matched")).matchId).toBe((await ann.until("matched")).matchId);
      await dan.match({ preferences });
      expect((await dan.until("matched")).matchId).toBe((await bob.until("matched")).matchId);
    });

    it("ends when it is lifted", async () => {
      const subject = someone("ann");
      const { actionId } = await take(ActionKind.TEXT_ONLY, subject);
      expect((await enter(here, subject)).welcome.modeLimit).toBe("text");
      expect(await actions.liftAction({ actionId, moderator: "mod" })).toMatchObject({
        ...{ wasInForce: true, action: { actionId, liftedBy: "mod" } },
      });
      expect((await enter(here, subject)).welcome.modeLimit).toBe("");
      expect(await actions.liftAction({ actionId })).toMatchObject({ wasInForce: false, action: { liftedBy: "mod" } });
    });
  });

  it("no_reports and no_tips refuse both, with the statement and the expiry, and nothing else", async () => {
    const subject = someone("ann");
    const [ann, bob] = [await enter(here, subject), await enter(here)];
    const { matchId } = await meet(ann, bob);
    const { expireTime } = await take(ActionKind.NO_REPORTS, subject, { statement: "You reported at random." });
    const report = { matchId, reason: ReportReason.SPAM };
    const refused = { code: "PermissionDenied", reason: "RESTRICTED" };
    const refusal = await refusalOf(ann.report(report));
    expect(refusal).toMatchObject({ ...refused, problem: "no_reports", message: "You reported at random." });
    expect(expireTime).toBeDefined();
    const tip = { tipId: randomUUID(), matchId, amountMsat: 1_000n };
    await ann.tips.offer(tip);
    await take(ActionKind.NO_TIPS, subject);
    const again = ann.tips.offer({ ...tip, tipId: randomUUID() });
    expect(await refusalOf(again)).toMatchObject({ ...refused, problem: "no_tips" });
    const search = ann.match({ preferences: { priceMsatPerMinute: 21_000n } });
    expect(await refusalOf(search)).toMatchObject({ ...refused, problem: "no_tips" });
    await ann.match({ preferences: {} });
    await bob.report(report);
  });

  describe("quarantine", () => {
    it("lets a pair meet each other, and nobody else", async () => {
      const [ann, eve] = [someone("ann"), someone("eve")];
      await take(ActionKind.QUARANTINE, ann);
      await take(ActionKind.QUARANTINE, eve);
      const preferences = { interests: [uniqueInterest()] };
      const [first, bob, cyd, second] = [
        await enter(here, ann),
        await enter(here),
        await enter(there),
        await enter(here, eve),
      ];
      await first.match({ preferences });
      await first.until("waiting");
      await bob.match({ preferences });
      await bob.until("waiting");
      await second.match({ preferences });
      const [{ matchId }, theirs] = [await first.until("matched"), await second.until("matched")];
      expect(theirs.matchId).toBe(matchId);
      await cyd.match({ preferences });
      expect((await cyd.until("matched")).matchId).toBe((await bob.until("matched")).matchId);
    });

    it("ends a match with somebody else that runs on the other instance", async () => {
      const subject = someone("ann");
      const [ann, bob] = [await enter(there, subject), await enter(there)];
      await meet(ann, bob);
      await take(ActionKind.QUARANTINE, subject);
      expect((await ann.until("sessionClosed")).reason).toBe(SessionClosed_Reason.REMOVED);
      await bob.until("matchEnded");
    });
  });

  it("apply to a browser on every network", async () => {
    const deviceKey = randomBytes(16).toString("base64url");
    const before = await enter(here, undefined, somewhere(), deviceKey);
    await meet(await enter(here), before);
    const addressKey = await deviceKeyOf(deviceKey);
    await actions.takeAction({ kind: ActionKind.TEXT_ONLY, addressKey, duration: minute });
    expect((await before.until("sessionClosed")).reason).toBe(SessionClosed_Reason.REMOVED);
    expect((await enter(here, undefined, somewhere(), deviceKey)).welcome.modeLimit).toBe("text");
    expect((await enter(here)).welcome.modeLimit).toBe("");
  });

  /** The key of a browser, from a report about it. */
  async function deviceKeyOf(deviceKey: string): Promise<string> {
    const [reporter, reported] = [await enter(here), await enter(here, undefined, somewhere(), deviceKey)];
    const { matchId } = await meet(reporter, reported);
    await reporter.report({ matchId, reason: ReportReason.SPAM });
    await Promise.all([reporter.break(), reported.break()]);
    const { reports } = await moderation.listReports({ pageSize: 1 });
    return reports[0]?.reportedDeviceKey ?? "";
  }

  describe("on a network", () => {
    it("apply to everybody there, named or not", async () => {
      const address = somewhere();
      const addressKey = await networkOf(address);
      await actions.takeAction({ kind: ActionKind.TEXT_ONLY, addressKey, duration: minute });
      expect((await enter(here, undefined, address)).welcome.modeLimit).toBe("text");
      expect((await enter(here, someone("ann"), address)).welcome.modeLimit).toBe("text");
      expect((await enter(here)).welcome.modeLimit).toBe("");
    });

    it("are refused if they hit more people than the limit, unless forced; sessions of one person are one", async () => {
      const address = somewhere();
      const addressKey = await networkOf(address);
      const subject = someone("ann");
      const [ann] = [await enter(there, subject, address), await enter(there, subject, address)];
      await enter(there, undefined, address);
      const request = { kind: ActionKind.NO_TIPS, addressKey, duration: minute };
      await actions.takeAction(request);
      await enter(here, undefined, address);
      const refused = { code: "FailedPrecondition", reason: "NETWORK_CROWDED", problem: "3" };
      const refusal = await refusalOf(actions.takeAction(request));
      expect(refusal).toMatchObject(refused);
      expect(refusal.message).toMatch(/^3 people are connected on this network, more than 2; set force/);
      expect(await refusalOf(moderation.ban({ addressKey }))).toMatchObject(refused);
      await actions.takeAction({ ...request, force: true });
      await moderation.ban({ addressKey, force: true });
      expect((await ann.until("sessionClosed")).reason).toBe(SessionClosed_Reason.BANNED);
    });

    it("do not count those who are away, or whoever is elsewhere", async () => {
      const address = somewhere();
      const addressKey = await networkOf(address);
      for (let index = 0; index < 4; index++) await (await enter(here, undefined, address)).break();
      await enter(here);
      const attached = async () => (await admin.listSessions({ addressKey })).sessions.filter((one) => one.attached);
      await expect.poll(attached).toEqual([]);
      await actions.takeAction({ kind: ActionKind.NO_TIPS, addressKey, duration: minute });
    });
  });
});

const mediaSdp = `${sdp()}m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:9\r\na=sendrecv\r\n`;
