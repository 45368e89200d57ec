import { randomUUID } from "node:crypto";
import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ActionKind, ActionService } from "../../gen/satoshigle/internal/v1/action_pb.js";
import { EventService, EventType } from "../../gen/satoshigle/internal/v1/event_log_pb.js";
import { ModerationService } from "../../gen/satoshigle/internal/v1/moderation_pb.js";
import { roomy } from "../support/pair.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";

let server: TestServer;
let actions: Client<typeof ActionService>;
let moderation: Client<typeof ModerationService>;
let events: Client<typeof EventService>;
beforeAll(async () => {
  server = await startServer(roomy);
  const transport = createGrpcTransport({ baseUrl: server.internalUrl });
  actions = createClient(ActionService, transport);
  moderation = createClient(ModerationService, transport);
  events = createClient(EventService, transport);
});
afterAll(() => server.close());

let made = 0;
/** A subject that no other test uses. */
const someone = (name: string) => `${name} ${String(++made)}`;
const minute = { seconds: 60n };

async function take(kind: ActionKind, subject: string, more = {}) {
  const { action } = await actions.takeAction({ kind, subject, duration: minute, ...more });
  if (action === undefined) throw new Error("the answer has no action");
  return action;
}

describe("actions", () => {
  it("are listed, those that changed last first, by kind, by target and in pages", async () => {
    const [ann, bob] = [someone("ann"), someone("bob")];
    const warned = await take(ActionKind.WARN, ann, { statement: "Please be kind.", moderator: "mod", reason: "rude" });
    const silent = await take(ActionKind.NO_REPORTS, ann);
    const other = await take(ActionKind.WARN, bob);
    await actions.liftAction({ actionId: silent.actionId });
    const list = async (filter: object) =>
      (await actions.listActions(filter)).actions.map(({ actionId }) => actionId).slice(0, 3);
    expect(await list({})).toEqual([silent, other, warned].map(({ actionId }) => actionId));
    expect(await list({ subject: ann })).toEqual([silent.actionId, warned.actionId]);
    expect(await list({ addressKey: warned.addressKey, inForce: true })).toEqual([warned.actionId]);
    expect(await list({ kinds: [ActionKind.WARN], subject: bob })).toEqual([other.actionId]);
    const first = await actions.listActions({ subject: ann, pageSize: 1 });
    const second = await actions.listActions({ subject: ann, pageSize: 1, pageToken: first.nextPageToken });
    expect(second.actions).toMatchObject([
      { ...{ statement: "Please be kind.", moderator: "mod", reason: "rude" }, kind: ActionKind.WARN },
    ]);
    expect(warned.addressKey).toMatch(/^~[\w-]{22}$/);
  });

  it("are taken once by a request that is repeated, also after they were lifted", async () => {
    const request = { subject: someone("ann"), reason: "rude", requestId: randomUUID() };
    const first = await take(ActionKind.NO_REPORTS, request.subject, request);
    expect(await take(ActionKind.NO_REPORTS, request.subject, request)).toEqual(first);
    const { action: lifted } = await actions.liftAction({ actionId: first.actionId });
    expect(await take(ActionKind.NO_REPORTS, request.subject, request)).toEqual(lifted);
    expect((await actions.listActions({ subject: request.subject })).actions).toHaveLength(1);
    const other = take(ActionKind.NO_TIPS, request.subject, request);
    expect(await refusalOf(other)).toMatchObject({ code: "InvalidArgument", field: "request_id" });
    const another = await take(ActionKind.NO_REPORTS, request.subject, { ...request, requestId: randomUUID() });
    expect(another.actionId).not.toBe(first.actionId);
  });

  it("are in the log of events", async () => {
    const subject = someone("ann");
    const { actionId, addressKey } = await take(ActionKind.NO_TIPS, subject, {
      reason: "fraud",
      statement: "No tips.",
    });
    await actions.liftAction({ actionId, moderator: "mod" });
    const types = [EventType.ACTION_TAKEN, EventType.ACTION_LIFTED];
    const { events: found } = await events.listEvents({ pageSize: 2, types });
    expect(found.map(({ eventId, event }) => [eventId, event.case, event.value])).toMatchObject([
      [
        `action_lifted_${actionId}`,
        "actionLifted",
        { actionId, addressKey, kind: ActionKind.NO_TIPS, moderator: "mod" },
      ],
      [`action_taken_${actionId}`, "actionTaken", { actionId, addressKey, reason: "fraud", statement: "No tips." }],
    ]);
  });

  describe("are refused", () => {
    const KEY = "A".repeat(22);
    const valid = { kind: ActionKind.WARN, subject: "ann", duration: minute };
    it.each([
      ["without a kind", { ...valid, kind: ActionKind.UNSPECIFIED }, "kind"],
      ["without a duration", { ...valid, duration: undefined }, "duration"],
      ["for too short a time", { ...valid, duration: { seconds: 59n } }, "duration"],
      ["without a target", { ...valid, subject: "" }, "subject"],
      ["with two targets", { ...valid, addressKey: KEY }, "subject"],
      ["with a key that is none", { ...valid, subject: "", addressKey: "%" }, "address_key"],
      ["as a warning of a network", { ...valid, subject: "", addressKey: KEY }, "address_key"],
      ["with a long statement", { ...valid, statement: "x".repeat(251) }, "statement"],
      ["with a long reason", { ...valid, reason: "x".repeat(501) }, "reason"],
      ["with a request ID that is none", { ...valid, requestId: "x".repeat(21) }, "request_id"],
      ["with a long name of a moderator", { ...valid, moderator: "x".repeat(129) }, "moderator"],
    ])("%s", async (_what, request, field) => {
      expect(await refusalOf(actions.takeAction(request))).toMatchObject({ code: "InvalidArgument", field });
    });

    it("if they are unknown, as lists are with what is not theirs", async () => {
      const unknown = { code: "NotFound", reason: "ACTION_UNKNOWN", field: "action_id" };
      expect(await refusalOf(actions.liftAction({ actionId: KEY }))).toMatchObject(unknown);
      const invalid = { code: "InvalidArgument" };
      expect(await refusalOf(actions.liftAction({ actionId: "x" }))).toMatchObject({ ...invalid, field: "action_id" });
      const { nextPageToken } = await moderation.listReports({ pageSize: 1 });
      const pageToken = nextPageToken || "x";
      expect(await refusalOf(actions.listActions({ pageToken }))).toMatchObject({ ...invalid, field: "page_token" });
      const both = actions.listActions({ addressKey: KEY, subject: "ann" });
      expect(await refusalOf(both)).toMatchObject({ ...invalid, field: "subject" });
    });
  });
});
