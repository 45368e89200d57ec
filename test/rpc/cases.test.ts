import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ActionKind, ActionService } from "../../gen/satoshigle/internal/v1/action_pb.js";
import { CaseOutcome, type CaseRecord, CaseState } from "../../gen/satoshigle/internal/v1/case_pb.js";
import { EventService, EventType } from "../../gen/satoshigle/internal/v1/event_log_pb.js";
import { ModerationService } from "../../gen/satoshigle/internal/v1/moderation_pb.js";
import { roomy } from "../support/pair.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { behindProxy, reportFrom } from "./support/networks.js";

let server: TestServer;
let desk: Client<typeof ModerationService>;
let events: Client<typeof EventService>;
let actions: Client<typeof ActionService>;
beforeAll(async () => {
  server = await startServer({ ...roomy, ...behindProxy });
  const transport = createGrpcTransport({ baseUrl: server.internalUrl });
  desk = createClient(ModerationService, transport);
  events = createClient(EventService, transport);
  actions = createClient(ActionService, transport);
});
afterAll(() => server.close());

const as = (moderator: string) => ({ headers: { "x-satoshigle-moderator": moderator } });
let made = 0;

/** Opens a case about a network that no other test uses. */
async function openCase(): Promise<CaseRecord> {
  await reportFrom(server, `192.0.2.${String(++made)}`, `10.1.${String(made)}.1`);
  const { cases } = await desk.listCases({ pageSize: 500 });
  const newest = cases.reduce((one, other) => (Number(other.caseId) > Number(one.caseId) ? other : one));
  return newest;
}

describe("the audit log", () => {
  it("has bans, resolved reports and actions, with the moderator of the header, the field, or none", async () => {
    const { reportedKey: addressKey, caseId } = await openCase();
    const { reports } = await desk.listCaseReports({ caseId });
    const reportId = reports[0]?.reportId ?? "";
    await desk.resolveReport({ reportId, resolution: "seen" }, as("ann"));
    await desk.ban({ addressKey, reason: "x", force: true }, as("bob"));
    await desk.unban({ addressKey });
    const about = { addressKey, kind: ActionKind.NO_TIPS, duration: { seconds: 60n }, force: true };
    const { action } = await actions.takeAction({ ...about, moderator: "cyd the third" });
    const actionId = action?.actionId ?? "";
    await actions.liftAction({ actionId, moderator: "cyd the third" }, as("ann"));
    const { entries } = await desk.listAudit({ pageSize: 5 });
    expect(entries.reverse()).toMatchObject([
      { act: "report_resolved", moderator: "ann", caseId: "", reportId, actionId: "", detail: "" },
      { act: "banned", moderator: "bob", caseId: "", reportId: "", actionId: "", detail: addressKey },
      { act: "unbanned", moderator: "(unnamed)", caseId: "", reportId: "", actionId: "", detail: addressKey },
      ...["action_taken cyd the third", "action_lifted ann"].map((line) => {
        const [act, ...moderator] = line.split(" ");
        const detail = `no_tips ${addressKey}`;
        return { act, moderator: moderator.join(" "), caseId: "", reportId: "", actionId, detail };
      }),
    ]);
  });

  it("has nothing of an operator whose name is not allowed", async () => {
    const refused = await refusalOf(desk.unban({ subject: "nobody" }, as("no spaces")));
    expect(refused).toMatchObject({ code: "InvalidArgument" });
  });
});

describe("a case", () => {
  it("is listed, claimed, noted and resolved, and the log and the events say so", async () => {
    const { caseId, reportedKey, ...opened } = await openCase();
    expect(opened).toMatchObject({ state: CaseState.OPEN, reporterCount: 1, reportCount: 1, moderator: "" });
    const { reports } = await desk.listCaseReports({ caseId });
    expect(reports).toMatchObject([{ reportedKey }]);

    const claimed = await desk.claimCase({ caseId }, as("ann"));
    expect(claimed.record).toMatchObject({ state: CaseState.IN_REVIEW, moderator: "ann" });
    const inReview = await desk.listCases({ state: CaseState.IN_REVIEW, moderator: "ann" });
    expect(inReview.cases).toEqual([claimed.record]);
    await desk.addNote({ caseId, text: "<b>looks bad</b>" }, as("bob"));
    const outcome = CaseOutcome.REFERRED;
    const resolved = await desk.resolveCase({ caseId, outcome, resolution: "sent on" }, as("ann"));
    expect(resolved.record).toMatchObject({ state: CaseState.RESOLVED, outcome, resolution: "sent on", noteCount: 1 });
    const found = await desk.getCase({ caseId });
    expect(found.record).toEqual(resolved.record);
    expect(found.notes).toMatchObject([{ moderator: "bob", text: "<b>looks bad</b>" }]);
    expect((await desk.listCases({ state: CaseState.RESOLVED, moderator: "ann" })).cases).toEqual([resolved.record]);

    const { entries } = await desk.listAudit({});
    const acts = entries.filter((entry) => entry.caseId === caseId).map(({ act, moderator }) => `${act} ${moderator}`);
    expect(acts).toEqual(["case_resolved ann", "note_added bob", "case_claimed ann", "case_opened "]);
    const logged = await events.listEvents({ types: [EventType.CASE_OPENED, EventType.CASE_RESOLVED], pageSize: 500 });
    const about = logged.events.map(({ event }) => event).filter((event) => JSON.stringify(event).includes(caseId));
    expect(about).toMatchObject([
      { case: "caseResolved", value: { caseId, reportedKey, outcome } },
      { case: "caseOpened", value: { caseId, reportedKey } },
    ]);
  });

  it("is released", async () => {
    const { caseId } = await openCase();
    await desk.claimCase({ caseId }, as("ann"));
    const { record } = await desk.releaseCase({ caseId }, as("ann"));
    expect(record).toMatchObject({ state: CaseState.OPEN, moderator: "" });
    expect((await desk.claimCase({ caseId }, as("bob"))).record).toMatchObject({ moderator: "bob" });
  });

  it("is in one page of the list", async () => {
    for (let index = 0; index < 3; index++) await openCase();
    const seen: string[] = [];
    let pageToken = "";
    do {
      const page = await desk.listCases({ pageSize: 2, pageToken, reason: "spam" });
      seen.push(...page.cases.map(({ caseId }) => caseId));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    expect(new Set(seen).size).toBe(seen.length);
    const { cases } = await desk.listCases({ pageSize: 500, reason: "spam" });
    expect(seen).toEqual(cases.map(({ caseId }) => caseId));
  });

  it("is sent to those who watch, after each change", async () => {
    const { caseId } = await openCase();
    const controller = new AbortController();
    const states: string[] = [];
    let cursor = "";
    try {
      for await (const response of desk.watchCases({}, { signal: controller.signal })) {
        if (response.record?.caseId !== caseId) continue;
        states.push(response.record.moderator);
        cursor = response.cursor;
        if (states.length === 1) await desk.claimCase({ caseId }, as("ann"));
        else controller.abort();
      }
    } catch {
      expect(controller.signal.aborted).toBe(true);
    }
    expect(states).toEqual(["", "ann"]);
    expect(cursor).not.toBe("");
    expect(await refusalOf(desk.listCases({ pageToken: cursor }))).toMatchObject({ field: "page_token" });
  });
});

describe("an act is refused", () => {
  it.each([
    ["", { code: "Unauthenticated", reason: "MODERATOR_REQUIRED", field: "x-satoshigle-moderator" }],
    ["ann and bob", { code: "InvalidArgument", reason: "FIELD_INVALID", field: "x-satoshigle-moderator" }],
  ])("with the moderator “%s”", async (moderator, refusal) => {
    const { caseId } = await openCase();
    const acts = [
      () => desk.claimCase({ caseId }, as(moderator)),
      () => desk.releaseCase({ caseId }, as(moderator)),
      () => desk.resolveCase({ caseId, outcome: CaseOutcome.WARNED }, as(moderator)),
      () => desk.addNote({ caseId, text: "x" }, as(moderator)),
    ];
    for (const act of acts) expect(await refusalOf(act())).toMatchObject(refusal);
  });

  it("on a case that does not exist", async () => {
    const unknown = { code: "NotFound", reason: "CASE_UNKNOWN", field: "case_id" };
    expect(await refusalOf(desk.getCase({ caseId: "12345" }))).toMatchObject(unknown);
    expect(await refusalOf(desk.claimCase({ caseId: "12345" }, as("ann")))).toMatchObject(unknown);
  });

  it("on a case of another moderator, an unclaimed or a resolved one", async () => {
    const { caseId } = await openCase();
    const resolve = (moderator: string, outcome = CaseOutcome.NO_VIOLATION) =>
      desk.resolveCase({ caseId, outcome }, as(moderator));
    const refusal = { code: "FailedPrecondition" };
    expect(await refusalOf(resolve("ann"))).toMatchObject({ ...refusal, reason: "CASE_UNCLAIMED" });
    await desk.claimCase({ caseId }, as("ann"));
    const taken = { ...refusal, reason: "CASE_TAKEN", message: "ann reviews this case" };
    expect(await refusalOf(desk.claimCase({ caseId }, as("bob")))).toMatchObject(taken);
    expect(await refusalOf(desk.releaseCase({ caseId }, as("bob")))).toMatchObject(taken);
    expect(await refusalOf(resolve("bob"))).toMatchObject(taken);
    await resolve("ann");
    await resolve("ann");
    const over = { ...refusal, reason: "CASE_OVER" };
    expect(await refusalOf(resolve("ann", CaseOutcome.BANNED))).toMatchObject(over);
    expect(await refusalOf(desk.claimCase({ caseId }, as("ann")))).toMatchObject(over);
  });

  it("when a field is not allowed", async () => {
    const calls: [Promise<unknown>, string][] = [
      [desk.listCases({ pageToken: "x" }), "page_token"],
      [desk.listCases({ state: CaseState.OPEN, moderator: "ann" }), "moderator"],
      [desk.listCases({ moderator: "a b" }), "moderator"],
      [desk.listCases({ reason: "rude" }), "reason"],
      [desk.listCases({ pageSize: 501 }), "page_size"],
      [desk.listCaseReports({ caseId: "1", pageToken: "x" }), "page_token"],
      [desk.listAudit({ pageToken: "x" }), "page_token"],
      [desk.getCase({ caseId: "x" }), "case_id"],
      [desk.resolveCase({ caseId: "1" }, as("ann")), "outcome"],
      [
        desk.resolveCase({ caseId: "1", outcome: CaseOutcome.WARNED, resolution: "x".repeat(501) }, as("ann")),
        "resolution",
      ],
      [desk.addNote({ caseId: "1" }, as("ann")), "text"],
      [desk.addNote({ caseId: "1", text: "x".repeat(1_001) }, as("ann")), "text"],
    ];
    for (const [call, field] of calls) {
      const refusal = await refusalOf(call);
      expect(refusal.code).toBe("InvalidArgument");
      expect(refusal.message).toContain(field);
    }
  });

  it("beyond 50 notes", async () => {
    const { caseId } = await openCase();
    for (let index = 0; index < 50; index++) await desk.addNote({ caseId, text: String(index) }, as("ann"));
    expect(await refusalOf(desk.addNote({ caseId, text: "one more" }, as("ann")))).toMatchObject({
      code: "ResourceExhausted",
      reason: "LIMIT_REACHED",
    });
  });
});
