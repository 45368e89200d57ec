import { type Client } from "@connectrpc/connect";
import { beforeAll, describe, expect, it } from "vitest";
import { AppealState } from "../../gen/satoshigle/internal/v1/appeal_pb.js";
import type { ModerationService } from "../../gen/satoshigle/internal/v1/moderation_pb.js";
import { limits } from "../../src/core/limits.js";
import { readRefusal, refusalOf } from "../support/refusal.js";
import type { TestServer } from "../support/server.js";
import { soon } from "../support/soon.js";
import {
  aDay,
  appeal,
  banAt,
  deskOf,
  keyOfDevice,
  keysAt,
  newDevice,
  somewhere,
  variables,
  type Who,
} from "./support/appeals.js";
import { oneAndTwo } from "./support/one-and-two.js";

describe.each(oneAndTwo(variables))("of many appeals on %s, one", (_name, servers) => {
  let here: TestServer;
  let there: TestServer;
  let desk: Client<typeof ModerationService>;
  beforeAll(() => {
    [here, there] = servers();
    desk = deskOf(there);
  });

  const banned = (server: TestServer, address: string, who: Who = {}) => soon(() => banAt(server, address, who));
  const openAppeals = async () => (await desk.listAppeals({ pageSize: 500 })).bans;

  it("is one of many that a network may make in a day", async () => {
    const devices = Array.from({ length: limits.appealsOfNetwork + 1 }, newDevice);
    for (const device of devices) await desk.ban({ addressKey: keyOfDevice(device), ...aDay });
    const [flooding, elsewhere] = [somewhere(), somewhere()];
    const neighbour = flooding.replace(/1$/, "77");
    const last = devices.pop() ?? "";
    for (const [index, deviceKey] of devices.entries()) {
      const from = index % 2 ? flooding : neighbour;
      await appeal(here, from, (await banned(here, from, { deviceKey })).ban_id, { deviceKey });
    }
    const { ban_id: banId } = await banned(here, flooding, { deviceKey: last });
    const limited = await refusalOf(appeal(here, flooding, banId, { deviceKey: last }));
    expect(limited).toMatchObject({ code: "ResourceExhausted", reason: "LIMIT_REACHED" });
    expect(limited.retryMs).toBeGreaterThan(3_600_000);
    await appeal(here, elsewhere, banId, { deviceKey: last });
  });

  it("is stored once if many networks make it at once", async () => {
    const deviceKey = newDevice();
    await desk.ban({ addressKey: keyOfDevice(deviceKey), ...aDay });
    const { ban_id: banId } = await banned(here, somewhere(), { deviceKey });
    await banned(there, somewhere(), { deviceKey });
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        appeal(index % 2 ? here : there, somewhere(), banId, { deviceKey }, `flood ${String(index)}`).then(
          () => "stored",
          (error: unknown) => readRefusal(error).code,
        ),
      ),
    );
    expect(answers.filter((answer) => answer === "stored")).toHaveLength(1);
    expect(answers.filter((answer) => answer === "AlreadyExists")).toHaveLength(29);
    expect((await openAppeals()).filter((ban) => ban.banId === banId)).toHaveLength(1);
  });

  it("is listed in pages, the oldest first, with tokens of its own list", async () => {
    const addresses = [somewhere(), somewhere(), somewhere()];
    const expected: string[] = [];
    for (const address of addresses) {
      await desk.ban({ addressKey: keysAt(address)[0] ?? "", ...aDay });
      const { ban_id: banId = "" } = await banned(here, address);
      await appeal(here, address, banId);
      expected.push(banId);
    }
    const listed: string[] = [];
    let [pageToken, pages] = ["", 0];
    do {
      const page = await desk.listAppeals({ pageSize: 2, pageToken, state: AppealState.OPEN });
      listed.push(...page.bans.map(({ banId }) => banId));
      pageToken = page.nextPageToken;
    } while (pageToken !== "" && ++pages < 1_000);
    expect(listed.slice(-3)).toEqual(expected);
    expect(new Set(listed).size).toBe(listed.length);
    const { nextPageToken } = await desk.listAppeals({ pageSize: 1 });
    const foreign = desk.listAppeals({ pageToken: nextPageToken, state: AppealState.DECIDED });
    expect(await refusalOf(foreign)).toMatchObject({ code: "InvalidArgument", field: "page_token" });
  });
});
