import { randomBytes } from "node:crypto";
import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { beforeAll, describe, expect, it } from "vitest";
import { ActionKind, ActionService } from "../../gen/satoshigle/internal/v1/action_pb.js";
import { EventService, EventType } from "../../gen/satoshigle/internal/v1/event_log_pb.js";
import { ModerationService } from "../../gen/satoshigle/internal/v1/moderation_pb.js";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { WarningService } from "../../gen/satoshigle/v1/warning_pb.js";
import { appSecret, identityToken } from "../support/app-keys.js";
import { roomy } from "../support/pair.js";
import { refusalOf } from "../support/refusal.js";
import type { TestServer } from "../support/server.js";
import { type Resume, TestClient } from "../support/test-client.js";
import { behindProxy, meet, transportFrom } from "./support/networks.js";
import { oneAndTwo } from "./support/one-and-two.js";

let made = 0;
const someone = (name: string) => `${name} ${String(++made)}`;
const somewhere = () => `10.${String(++made)}.0.1`;
const newDevice = () => randomBytes(16).toString("base64url");
const minute = { seconds: 60n };

const variables = { ...roomy, ...behindProxy, IDENTITY_SECRET: appSecret, SESSIONS_PER_PERSON: "4" };

describe.each(oneAndTwo(variables))("a warning on %s", (_name, servers) => {
  let here: TestServer;
  let there: TestServer;
  let actions: Client<typeof ActionService>;
  let events: Client<typeof EventService>;
  let moderation: Client<typeof ModerationService>;
  beforeAll(() => {
    [here, there] = servers();
    const transport = createGrpcTransport({ baseUrl: there.internalUrl });
    actions = createClient(ActionService, transport);
    events = createClient(EventService, transport);
    moderation = createClient(ModerationService, transport);
  });

  const enter = (server: TestServer, who: Resume = {}) => TestClient.open(transportFrom(server, somewhere()), who);
  const identityOf = async (sub: string) => ({ identityToken: await identityToken({ sub }) });
  const warn = async (target: { subject: string } | { addressKey: string }, statement = "Please be kind.") => {
    const about = { kind: ActionKind.WARN, duration: minute, reason: "secret", statement };
    const { action } = await actions.takeAction({ ...about, ...target });
    if (action === undefined) throw new Error("the answer has no action");
    return action;
  };
  const acknowledge = async (client: TestClient, actionId: string) => {
    const options = { headers: { authorization: `Bearer ${client.welcome.token}` } };
    await createClient(WarningService, client.transport).acknowledgeWarning({ actionId }, options);
  };
  /** Whether a warning was acknowledged, as moderators see it. */
  const isSeen = async (subject: string) => {
    const { actions: listed } = await actions.listActions({ subject });
    return listed.map(({ acknowledgeTime }) => acknowledgeTime !== undefined);
  };
  /** The statements that a new session of a person receives before that of a further warning. */
  const saidIn = async (server: TestServer, subject: string) => {
    const client = await enter(server, await identityOf(subject));
    const last = await warn({ subject }, "the last one");
    const said: string[] = [];
    for (;;) {
      const { actionId, statement } = await client.until("warned");
      if (actionId === last.actionId) break;
      said.push(statement);
    }
    await acknowledge(client, last.actionId);
    await client.break();
    return said;
  };

  it("arrives at once in each open session of the person, and says what the moderator says, but not why", async () => {
    const subject = someone("ann");
    const [first, second] = [
      await enter(here, await identityOf(subject)),
      await enter(there, await identityOf(subject)),
    ];
    const stranger = await enter(here, await identityOf(someone("bob")));
    const { actionId, createTime } = await warn({ subject });
    for (const client of [first, second]) {
      const { $typeName, ...said } = await client.until("warned");
      expect([$typeName, said]).toEqual([
        "satoshigle.v1.Warned",
        { actionId, statement: "Please be kind.", createTime },
      ]);
    }
    await meet(stranger, first);
    await Promise.all([first, second].map((client) => client.break()));
    const next = await stranger.next();
    expect(next.event.case).not.toBe("warned");
    await stranger.break();
  });

  it("arrives in each further session of the person, until one acknowledges it", async () => {
    const subject = someone("ann");
    const { actionId } = await warn({ subject });
    for (const server of [here, there]) {
      const client = await enter(server, { ...(await identityOf(subject)), deviceKey: newDevice() });
      expect(await client.until("warned")).toMatchObject({ actionId, statement: "Please be kind." });
      await client.break();
    }
    expect(await isSeen(subject)).toEqual([false]);
    const last = await enter(here, await identityOf(subject));
    await last.until("warned");
    await acknowledge(last, actionId);
    await acknowledge(last, actionId);
    await last.break();
    expect(await isSeen(subject)).toEqual([true]);
    expect(await saidIn(here, subject)).toEqual([]);
    const types = [EventType.ACTION_ACKNOWLEDGED];
    const { events: logged } = await events.listEvents({ types, pageSize: 500 });
    const about = logged.filter(({ eventId }) => eventId === `action_acknowledged_${actionId}`);
    expect(about.map(({ event }) => event)).toMatchObject([
      { case: "actionAcknowledged", value: { actionId, subject } },
    ]);
  });

  it("is over on every instance once it is acknowledged on one", async () => {
    const subject = someone("ann");
    const { actionId } = await warn({ subject });
    const client = await enter(here, await identityOf(subject));
    await client.until("warned");
    await acknowledge(client, actionId);
    await expect.poll(() => saidIn(there, subject)).toEqual([]);
    await client.break();
  });

  it("is said in the order of the warnings, and those that were lifted are not", async () => {
    const subject = someone("ann");
    const lifted = await warn({ subject }, "lifted");
    for (const statement of ["one", "two"]) await warn({ subject }, statement);
    await actions.liftAction({ actionId: lifted.actionId });
    await expect.poll(() => saidIn(here, subject)).toEqual(["one", "two"]);
  });

  it("follows a browser, whoever uses it", async () => {
    const deviceKey = newDevice();
    const [reporter, reported] = [await enter(here), await enter(here, { deviceKey })];
    const { matchId } = await meet(reporter, reported);
    await reporter.report({ matchId, reason: ReportReason.SPAM });
    const { reports } = await moderation.listReports({ pageSize: 1 });
    await Promise.all([reporter.break(), reported.break()]);
    const { actionId } = await warn({ addressKey: reports[0]?.reportedDeviceKey ?? "" });
    const named = await enter(there, { deviceKey, ...(await identityOf(someone("ann"))) });
    expect(await named.until("warned")).toMatchObject({ actionId });
    const again = await enter(here, { deviceKey });
    expect(await again.until("warned")).toMatchObject({ actionId });
    await acknowledge(again, actionId);
    const { actions: listed } = await actions.listActions({ pageSize: 1 });
    expect(listed).toMatchObject([{ actionId, acknowledgeTime: { seconds: expect.any(BigInt) as bigint } }]);
    await Promise.all([named.break(), again.break()]);
  });

  it("is not for others, who cannot acknowledge it either", async () => {
    const subject = someone("ann");
    const { actionId } = await warn({ subject });
    const strangers = [await enter(here, { deviceKey: newDevice() }), await enter(here)];
    strangers.push(await enter(there, await identityOf(someone("eve"))));
    for (const stranger of strangers) {
      await acknowledge(stranger, actionId);
      await stranger.break();
    }
    expect(await isSeen(subject)).toEqual([false]);
    expect(await saidIn(there, subject)).toEqual(["Please be kind."]);
  });

  it("has no effect when an action of another kind, or none, is acknowledged", async () => {
    const subject = someone("ann");
    const request = { kind: ActionKind.NO_TIPS, subject, duration: minute };
    const { action } = await actions.takeAction(request);
    const client = await enter(here, await identityOf(subject));
    await acknowledge(client, action?.actionId ?? "");
    await acknowledge(client, "A".repeat(22));
    expect(await isSeen(subject)).toEqual([false]);
    await client.break();
  });

  it("is acknowledged by sessions only, with an ID only", async () => {
    const calls = createClient(WarningService, transportFrom(here, somewhere()));
    const anonymous = calls.acknowledgeWarning({ actionId: "A".repeat(22) });
    expect(await refusalOf(anonymous)).toMatchObject({ code: "Unauthenticated" });
    const client = await enter(here);
    for (const actionId of ["", "x", `${"A".repeat(21)}%`]) {
      expect(await refusalOf(acknowledge(client, actionId))).toMatchObject({
        code: "InvalidArgument",
        field: "action_id",
      });
    }
    await client.break();
  });
});
