import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { AppealOutcome, AppealState } from "../../gen/satoshigle/internal/v1/appeal_pb.js";
import { EventService, EventType } from "../../gen/satoshigle/internal/v1/event_log_pb.js";
import type { ModerationService } from "../../gen/satoshigle/internal/v1/moderation_pb.js";
import { identityToken } from "../support/app-keys.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { soon } from "../support/soon.js";
import {
  aDay,
  appeal,
  banAt,
  byAnn,
  deskOf,
  enter,
  keyOfDevice,
  keysAt,
  newDevice,
  somewhere,
  variables,
  type Who,
} from "./support/appeals.js";
import { reportFrom } from "./support/networks.js";
import { oneAndTwo } from "./support/one-and-two.js";

describe.each(oneAndTwo(variables))("an appeal on %s", (_name, servers) => {
  let here: TestServer;
  let there: TestServer;
  let desk: Client<typeof ModerationService>;
  beforeAll(() => {
    [here, there] = servers();
    desk = deskOf(there);
  });

  const banned = (server: TestServer, address: string, who: Who = {}) => soon(() => banAt(server, address, who));
  const openAppeals = async () => (await desk.listAppeals({ pageSize: 500 })).bans;
  const decidedAppeals = async () => (await desk.listAppeals({ pageSize: 500, state: AppealState.DECIDED })).bans;

  it("is made by who is banned, told what the ban is, and let in again after a reversal", async () => {
    const address = somewhere();
    const [addressKey = ""] = keysAt(address);
    const { ban } = await desk.ban({ addressKey, reason: "secret notes", statement: "You “shouted”", ...aDay }, byAnn);
    const told = await banned(here, address);
    const expireTime = new Date(Number(ban?.expireTime?.seconds) * 1_000).toISOString().slice(0, 19);
    expect(told).toEqual({
      ...{ ban_id: ban?.banId, scope: "network", ban_reason: "You “shouted”", appeal: "none" },
      expire_time: expect.stringContaining(expireTime) as string,
    });
    expect(told.ban_id).toMatch(/^[\w-]{16}$/);

    await appeal(here, address, told.ban_id);
    expect(await banAt(here, address)).toEqual({ ...told, appeal: "open" });
    const second = await refusalOf(appeal(here, address, told.ban_id, {}, "again"));
    expect(second).toMatchObject({ code: "AlreadyExists", reason: "APPEAL_EXISTS" });
    const own = async () => (await openAppeals()).find(({ banId }) => banId === told.ban_id);
    expect(await own()).toMatchObject({
      ...{ addressKey, reason: "secret notes", statement: "You “shouted”" },
      appeal: { banId: told.ban_id, text: "it was not me", outcome: AppealOutcome.UNSPECIFIED, moderator: "" },
    });
    const { bans } = await desk.listBans({ pageSize: 500 });
    expect(bans.find(({ banId }) => banId === told.ban_id)).toEqual(await own());

    const reversal = { banId: told.ban_id ?? "", outcome: AppealOutcome.REVERSED, answer: "sorry" };
    const resolved = await desk.resolveAppeal(reversal, byAnn);
    expect(resolved.ban?.appeal).toMatchObject({ outcome: AppealOutcome.REVERSED, answer: "sorry", moderator: "ann" });
    const client = await soon(() => enter(here, address));
    await client.break();
    expect(await own()).toBeUndefined();
    expect((await decidedAppeals())[0]).toEqual(resolved.ban);
    const other = { ...reversal, outcome: AppealOutcome.UPHELD };
    expect(await refusalOf(desk.resolveAppeal(other, byAnn))).toMatchObject({
      ...{ code: "FailedPrecondition", reason: "APPEAL_OVER" },
    });
  });

  it("that is upheld is answered in the errors from then on", async () => {
    const subject = `bob of ${here.url}`;
    const [address, identity] = [somewhere(), { identityToken: await identityToken({ sub: subject }) }];
    await desk.ban({ subject, reason: "secret notes", ...aDay });
    const told = await banned(here, address, identity);
    expect(told).toMatchObject({ scope: "person", appeal: "none" });
    expect(told).not.toHaveProperty("ban_reason");
    await appeal(here, address, told.ban_id, identity);
    const answer = `seen: “${"é".repeat(300)}”`;
    await desk.resolveAppeal({ banId: told.ban_id ?? "", outcome: AppealOutcome.UPHELD, answer }, byAnn);
    const upheld = await soon(async () => {
      const metadata = await banAt(here, somewhere(), identity);
      expect(metadata.appeal).toBe("upheld");
      return metadata;
    });
    expect(upheld).toMatchObject({ ban_id: told.ban_id, expire_time: told.expire_time });
    expect(upheld.appeal_answer).toMatch(/^seen: “é{50,} …$/);
    const again = await refusalOf(appeal(here, address, told.ban_id, identity));
    expect(again).toMatchObject({ code: "AlreadyExists" });
    const { entries } = await desk.listAudit({ pageSize: 1 });
    expect(entries).toMatchObject([
      { act: "appeal_upheld", moderator: "ann", detail: expect.stringMatching(/^~/) as string },
    ]);
  });

  it("is for a browser and the network that reports banned together, and frees both", async () => {
    const [address, deviceKey] = [somewhere(), newDevice()];
    for (let count = 0; count < 3; count++) await reportFrom(here, somewhere(), address, "", { deviceKey });
    const told = await banned(here, somewhere(), { deviceKey });
    expect(told).toMatchObject({ scope: "browser", appeal: "none", ban_reason: expect.any(String) as string });
    expect(told.ban_reason).not.toMatch(/\d/);
    await appeal(here, somewhere(), told.ban_id, { deviceKey });
    const ofNetwork = await banAt(here, address);
    expect(ofNetwork).toMatchObject({ scope: "network", appeal: "open" });
    expect(ofNetwork.ban_id).not.toBe(told.ban_id);
    const neighbour = await refusalOf(appeal(here, address, ofNetwork.ban_id));
    expect(neighbour).toMatchObject({ code: "AlreadyExists" });
    await desk.resolveAppeal({ banId: told.ban_id ?? "", outcome: AppealOutcome.REVERSED });
    const freed = await soon(() => enter(here, address, { deviceKey }));
    const neighbourIn = await enter(here, address);
    await Promise.all([freed.break(), neighbourIn.break()]);
  });

  it("is not made by others, nor about a ban that is over", async () => {
    const [address, deviceKey] = [somewhere(), newDevice()];
    const [addressKey = ""] = keysAt(address);
    await desk.ban({ addressKey, ...aDay });
    await desk.ban({ addressKey: keyOfDevice(deviceKey), ...aDay });
    const [ofNetwork, ofBrowser] = [await banned(here, address), await banned(here, somewhere(), { deviceKey })];
    const unknown = { code: "NotFound", reason: "BAN_UNKNOWN", field: "ban_id" };
    expect(await refusalOf(appeal(here, somewhere(), ofNetwork.ban_id))).toMatchObject(unknown);
    expect(await refusalOf(appeal(here, address, ofBrowser.ban_id))).toMatchObject(unknown);
    const other = { deviceKey: newDevice() };
    expect(await refusalOf(appeal(here, address, ofBrowser.ban_id, other))).toMatchObject(unknown);
    expect(await refusalOf(appeal(here, address, "A".repeat(16)))).toMatchObject(unknown);
    const forged = { identityToken: await identityToken({ sub: "ann" }, "another secret than that of the app") };
    expect(await refusalOf(appeal(here, address, ofNetwork.ban_id, forged))).toMatchObject({
      ...{ code: "Unauthenticated", reason: "IDENTITY_REFUSED" },
    });
    for (const id of ["", "x", "A".repeat(17), "../../../../etc/"]) {
      expect(await refusalOf(appeal(here, address, id))).toMatchObject({ code: "InvalidArgument" });
    }
    for (const text of ["", "x".repeat(1_001)]) {
      const refused = await refusalOf(appeal(here, address, ofNetwork.ban_id, {}, text));
      expect(refused).toMatchObject({ code: "InvalidArgument" });
    }
    await desk.unban({ addressKey });
    const client = await soon(() => enter(here, address));
    await client.break();
    expect(await refusalOf(appeal(here, address, ofNetwork.ban_id))).toMatchObject(unknown);
    const banId = ofNetwork.ban_id ?? "";
    const undecidable = await refusalOf(desk.resolveAppeal({ banId, outcome: AppealOutcome.UPHELD }));
    expect(undecidable).toMatchObject({ code: "NotFound", reason: "APPEAL_UNKNOWN", field: "ban_id" });
  });

  it("and its decision are in the log of events", async () => {
    const address = somewhere();
    const [addressKey = ""] = keysAt(address);
    await desk.ban({ addressKey, ...aDay });
    const { ban_id: banId = "" } = await banned(here, address);
    await appeal(here, address, banId);
    await desk.resolveAppeal({ banId, outcome: AppealOutcome.REVERSED }, byAnn);
    const log = createClient(EventService, createGrpcTransport({ baseUrl: there.internalUrl }));
    const { APPEAL_FILED, APPEAL_DECIDED, BANNED, UNBANNED } = EventType;
    const { events } = await log.listEvents({ pageSize: 100, types: [APPEAL_FILED, APPEAL_DECIDED, BANNED, UNBANNED] });
    const latest = events.slice(0, 4).reverse();
    expect(latest.map(({ event }) => event)).toMatchObject([
      { case: "banned", value: { addressKey, banId } },
      { case: "appealFiled", value: { addressKey, banId } },
      { case: "appealDecided", value: { addressKey, banId, outcome: AppealOutcome.REVERSED, moderator: "ann" } },
      { case: "unbanned", value: { addressKey } },
    ]);
  });
});

it("an appeal outlives a restart", async () => {
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-appeals-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const start = () => startServer({ ...variables, DATA_DIR: join(folder, "data") });
  const address = somewhere();
  const before = await start();
  await deskOf(before).ban({ addressKey: keysAt(address)[0] ?? "", ...aDay });
  const { ban_id: banId = "" } = await banAt(before, address);
  await appeal(before, address, banId);
  await before.close();

  const after = await start();
  onTestFinished(() => after.close());
  expect(await banAt(after, address)).toMatchObject({ ban_id: banId, appeal: "open" });
  expect(await refusalOf(appeal(after, address, banId))).toMatchObject({ code: "AlreadyExists" });
  const desk = deskOf(after);
  expect((await desk.listAppeals({})).bans).toMatchObject([{ banId, appeal: { text: "it was not me" } }]);
  await desk.resolveAppeal({ banId, outcome: AppealOutcome.REVERSED });
  const client = await enter(after, address);
  await client.break();
});
