import { Writable } from "node:stream";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ActionKind, ActionService } from "../../gen/satoshigle/internal/v1/action_pb.js";
import { CaseOutcome } from "../../gen/satoshigle/internal/v1/case_pb.js";
import { ModerationService } from "../../gen/satoshigle/internal/v1/moderation_pb.js";
import {
  DecisionSource,
  Measure,
  MeasureTarget,
  TransparencyService,
} from "../../gen/satoshigle/internal/v1/transparency_pb.js";
import { printTransparency } from "../../src/transparency/command.js";
import type { TransparencyOptions } from "../../src/transparency/options.js";
import { roomy } from "../support/pair.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { behindProxy, reportFrom } from "./support/networks.js";

const DAY_MS = 24 * 60 * 60_000;
const ann = { headers: { "x-satoshigle-moderator": "ann" } };
const formula = '=HYPERLINK("https://example.com","x")';
const facts = ["+1", "-1", "@x", "\tx", 'a, "b"\nc', formula];

let server: TestServer;
let transparency: Client<typeof TransparencyService>;
beforeAll(async () => {
  server = await startServer({ ...roomy, ...behindProxy, BAN_AFTER_REPORTS: "2" });
  const transport = createGrpcTransport({ baseUrl: server.internalUrl });
  transparency = createClient(TransparencyService, transport);
  await moderate(createClient(ModerationService, transport), createClient(ActionService, transport));
});
afterAll(() => server.close());

/** Four reports about three networks, one of which is banned by them; a case that ends with a ban; seven actions. */
async function moderate(desk: Client<typeof ModerationService>, actions: Client<typeof ActionService>): Promise<void> {
  for (const reporter of ["192.0.2.1", "198.51.100.1"]) await reportFrom(server, reporter, "10.1.1.1");
  for (const reported of ["10.2.1.1", "10.3.1.1"]) await reportFrom(server, "203.0.113.1", reported);
  const { cases } = await desk.listCases({});
  const { bans } = await desk.listBans({});
  const [found] = cases.filter(({ reportedKey }) => reportedKey !== bans[0]?.addressKey);
  const { caseId = "", reportedKey = "" } = found ?? {};
  await desk.claimCase({ caseId }, ann);
  await desk.ban({ addressKey: reportedKey, reason: "insulted strangers", force: true }, ann);
  await desk.resolveCase({ caseId, outcome: CaseOutcome.BANNED }, ann);
  const restriction = { subject: "pat", kind: ActionKind.NO_TIPS, duration: { seconds: 3_600n } };
  for (const reason of facts) await actions.takeAction({ ...restriction, reason, statement: "Be kind." }, ann);
  await actions.takeAction({ ...restriction, kind: ActionKind.WARN, reason: "rude" });
}

/** Yesterday until tomorrow. */
const period = () => ({ start: timestampFromMs(Date.now() - DAY_MS), end: timestampFromMs(Date.now() + DAY_MS) });

async function statements() {
  const all = [];
  for await (const { statement } of transparency.exportStatements(period())) all.push(statement);
  return all;
}

describe("the figures", () => {
  it("count reports, cases, decisions and moderators", async () => {
    const figures = await transparency.getFigures(period());
    expect(figures.reports).toMatchObject([{ reason: "spam", count: 4n }]);
    expect(figures.cases).toMatchObject([{ outcome: CaseOutcome.BANNED, count: 1n }]);
    expect(figures.caseTime).toMatchObject({ count: 1n });
    expect(figures.caseTime?.median).toEqual(figures.caseTime?.percentile90);
    expect(figures.appeals).toMatchObject({ created: 0n, upheld: 0n, reversed: 0n });
    expect(figures.appeals?.decisionTime?.median).toBeUndefined();
    expect(figures.moderatorCount).toBe(1n);
    const network = { target: MeasureTarget.NETWORK, source: DecisionSource.REPORTS, ground: "spam" };
    const person = { target: MeasureTarget.PERSON, source: DecisionSource.OWN_INITIATIVE, ground: "" };
    expect(figures.decisions).toMatchObject([
      { measure: Measure.WARN, ...person, automated: false, count: 1n },
      { measure: Measure.NO_TIPS, ...person, automated: false, count: 6n },
      { measure: Measure.BAN, ...network, automated: false, count: 1n },
      { measure: Measure.BAN, ...network, automated: true, count: 1n },
    ]);
  });

  it("count nothing in a period in which nothing happened", async () => {
    const { decisions, reports, moderatorCount, completeness } = await transparency.getFigures({
      start: timestampFromMs(Date.now() - 200 * DAY_MS),
      end: timestampFromMs(Date.now() - 199 * DAY_MS),
    });
    expect([decisions, reports, moderatorCount]).toEqual([[], [], 0n]);
    const daysSince = (seconds = 0n) => Math.round((Date.now() / 1000 - Number(seconds)) / 86_400);
    const { decisionsFrom, reportsFrom, groundsFrom } = completeness ?? {};
    expect([decisionsFrom, reportsFrom, groundsFrom].map((time) => daysSince(time?.seconds))).toEqual([400, 90, 90]);
  });
});

describe("the statements of reasons", () => {
  it("are as many as there are decisions, the newest first, and name nobody", async () => {
    const all = await statements();
    const { decisions } = await transparency.getFigures(period());
    expect(all).toHaveLength(decisions.reduce((sum, { count }) => sum + Number(count), 0));
    expect(all.map((one) => one?.facts)).toEqual([
      ...["rude", ...facts.toReversed(), "insulted strangers", "reported from 2 networks within a day"],
    ]);
    expect(all.map((one) => one?.appealable)).toEqual([...Array<boolean>(7).fill(false), true, true]);
    expect(JSON.stringify(all, (_, value: unknown) => (typeof value === "bigint" ? 0 : value))).not.toMatch(
      /ann|pat|~/,
    );
  });
});

it.each<[field: string, startMs: number | undefined, endMs: number | undefined]>([
  ["start", undefined, 0],
  ["end", 0, undefined],
  ["end", 5, 5],
  ["end", 0, 401 * DAY_MS],
])("a period without a valid %s is refused: %s to %s", async (field, startMs, endMs) => {
  const request = {
    ...(startMs !== undefined && { start: timestampFromMs(startMs) }),
    ...(endMs !== undefined && { end: timestampFromMs(endMs) }),
  };
  const stream = async () => {
    for await (const { statement } of transparency.exportStatements(request)) expect(statement).toBeUndefined();
  };
  for (const call of [transparency.getFigures(request), stream()]) {
    const refusal = await refusalOf(call);
    expect(refusal.code).toBe("InvalidArgument");
    expect(refusal.message).toMatch(new RegExp(`^${field}: `));
  }
});

describe("the command", () => {
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);

  async function run(options: TransparencyOptions) {
    let [output, errors] = ["", ""];
    const stream = new Writable({
      write: (chunk, _, done) => {
        output += String(chunk);
        done();
      },
    });
    const period = { from: day(Date.now() - DAY_MS), to: day(Date.now()), url: server.internalUrl };
    const code = await printTransparency({ ...period, ...options }, stream, (text) => (errors += text));
    return { code, output, errors };
  }

  const table = (text: string) => parse<Record<string, string>>(text, { columns: true });

  it("prints statements as CSV, in which no cell is a formula", async () => {
    const { code, output } = await run({ statements: true, format: "csv" });
    expect(code).toBe(0);
    const rows = table(output);
    const safe = ["'+1", "'-1", "'@x", "'\tx", 'a, "b"\nc', `'${formula}`];
    expect(rows.map((row) => row.facts).slice(1, 7)).toEqual(safe.toReversed());
    expect(rows.at(-2)).toMatchObject({
      ...{ measure: "ban", target: "network", territorial_scope: "worldwide", source: "reports", ground: "spam" },
      ...{ facts: "insulted strangers", automated_decision: "false", redress: "appeal", record_kept: "true" },
    });
    expect(rows[0]).toMatchObject({ measure: "warn", duration_seconds: "3600", explanation: "", lifted: "" });
    const cells = rows.flatMap((row) => Object.values(row));
    expect(cells.filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([]);
  });

  it("prints statements as JSON, as they are", async () => {
    const { output } = await run({ statements: true, format: "json" });
    const rows = JSON.parse(output) as { facts: string; automated_decision: boolean }[];
    expect(rows.map((row) => row.facts).slice(1, 7)).toEqual(facts.toReversed());
    expect(rows.map((row) => row.automated_decision).filter(Boolean)).toHaveLength(1);
    const none = await run({ statements: true, format: "json", from: "2026-01-01", to: "2026-01-01" });
    expect(JSON.parse(none.output)).toEqual([]);
  });

  it("prints the same figures as CSV and as JSON", async () => {
    const [csv, json] = [await run({}), await run({ format: "json" })];
    const figures = JSON.parse(json.output) as Record<string, unknown>;
    expect(figures).toMatchObject({
      reports_received: [{ reason: "spam", count: 4 }],
      cases_resolved: [{ outcome: "banned", count: 1 }],
      appeals: { created: 0, upheld: 0, reversed: 0, decision_time: { count: 0, median_seconds: "" } },
      moderators: 1,
    });
    const rows = table(csv.output);
    const valueOf = (figure: string) => rows.filter((row) => row.figure === figure).map((row) => row.value);
    expect(valueOf("reports_received")).toEqual(["4"]);
    expect(valueOf("decisions")).toEqual((figures.decisions as { count: number }[]).map(({ count }) => String(count)));
    expect(valueOf("appeals_reversed")).toEqual(["0"]);
    expect(valueOf("period_from")).toEqual([day(Date.now() - DAY_MS)]);
  });

  it.each<[string, TransparencyOptions]>([
    ["--from", { from: undefined }],
    ["--from", { from: "2026-02-30" }],
    ["--to", { to: "yesterday" }],
    ["--to", { from: "2026-02-02", to: "2026-02-01" }],
    ["--format", { format: "xml" }],
    ["--url", { url: "127.0.0.1" }],
    ["--header", { header: ["x"] }],
  ])("names the option %s that is not allowed: %j", async (option, options) => {
    const { code, output, errors } = await run(options);
    expect([code, output]).toEqual([2, ""]);
    expect(errors).toMatch(new RegExp(`^The export failed: ${option} `));
  });

  it("says what the server refuses, and when it does not answer", async () => {
    const long = await run({ from: "2024-01-01", to: "2026-01-01" });
    expect(long).toMatchObject({ code: 1, output: "", errors: expect.stringContaining("at most 400 days") as string });
    const away = await run({ url: "http://127.0.0.1:1", statements: true });
    expect(away).toMatchObject({ code: 1, errors: expect.stringContaining("ECONNREFUSED") as string });
  });
});

it("the command passes headers for an authenticating proxy, and a viewer may have the figures only", async () => {
  const guarded = await startServer({ OPERATORS_PROXY: "127.0.0.1" });
  const header = ["x-forwarded-user: vic", "x-satoshigle-role: viewer"];
  const order = { from: "2026-01-01", to: "2026-01-31", url: guarded.internalUrl, header };
  const errors: string[] = [];
  const output = () => new Writable({ write: (_chunk, _encoding, done) => done() });
  expect(await printTransparency(order, output(), (text) => errors.push(text))).toBe(0);
  expect(await printTransparency({ ...order, statements: true }, output(), (text) => errors.push(text))).toBe(1);
  expect(errors).toEqual([expect.stringContaining("moderator")]);
  await guarded.close();
});
