import { afterEach, beforeEach, expect, it } from "vitest";
import { Transparency } from "../../src/app/transparency.js";
import type { Action } from "../../src/core/action.js";
import { CASE_KEPT_MS, type Moderator } from "../../src/core/case.js";
import type { ActionId, AddressKey, MatchId, NetworkKey, SessionId } from "../../src/core/ids.js";
import { REPORT_KEPT_MS } from "../../src/core/report.js";
import type { Statement } from "../../src/core/transparency.js";
import type { CaseStore } from "../../src/ports/case-store.js";
import { SlowClock } from "../support/slow-clock.js";
import { lmdbFixture, type OpenStores, type StoreFixture } from "../support/store-fixture.js";

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const ann = "ann" as Moderator;
const rules = { afterReports: 2, durationMs: 60 * MINUTE };

let fixture: StoreFixture;
let stores: OpenStores;
let clock: SlowClock;
let startMs: number;
let made = 0;
beforeEach(async () => {
  fixture = await lmdbFixture();
  stores = await fixture.open();
  clock = new SlowClock();
  await clock.pass(500 * DAY);
  startMs = clock.nowMs();
});
afterEach(async () => {
  await stores.close();
  await fixture.remove();
});

const period = () => ({ startMs, endMs: clock.nowMs() + 1 });
const transparency = (kept?: { audit: number; reports: number }) =>
  new Transparency({ ...stores, clock, ...(kept && { kept }) });

async function report(reported: string, reason: "spam" | "harassment" = "spam") {
  const index = String(++made);
  const { number } = await stores.records.addReport(
    {
      ...{ reporterId: index as SessionId, reporterKey: `reporter-${index}` as NetworkKey, matchId: index as MatchId },
      ...{ reportedKey: reported as NetworkKey, bothHeard: true, reason, comment: "", matchStartMs: 0 },
      createdMs: clock.nowMs(),
    },
    rules,
  );
  return number;
}

async function resolve(reported: string): Promise<void> {
  const [found] = await stores.cases.casesIn(`about ${reported}`, undefined, 1);
  const by = { by: ann, atMs: clock.nowMs() };
  await stores.cases.actOn(found?.number ?? 0, { ...by, type: "claim" });
  await stores.cases.actOn(found?.number ?? 0, { ...by, type: "resolve", outcome: "warned", text: "" });
}

const action = (addressKey: string, more: Partial<Action> = {}): Action => ({
  ...{ id: `action-${String(++made)}` as ActionId, kind: "no_tips", addressKey: addressKey as AddressKey },
  ...{ reason: "rude", statement: "Be kind.", by: ann, createdMs: clock.nowMs(), expiresMs: clock.nowMs() + DAY },
  ...more,
});

async function statements(): Promise<Statement[]> {
  const all: Statement[] = [];
  for await (const one of transparency().statements(period(), new AbortController().signal)) all.push(one);
  return all;
}

it("the times of cases are from the first report to the resolution", async () => {
  for (const [minutes, who] of [3, 1, 2].map((one): [number, string] => [one, `pest-${String(one)}`])) {
    await report(who);
    await clock.pass(minutes * MINUTE);
    await resolve(who);
  }
  const { audit } = await transparency().figures(period());
  const { caseTimes } = audit;
  expect([caseTimes.count, caseTimes.percentile(0.5), caseTimes.percentile(0.9)]).toEqual([3, 120_000, 180_000]);
  expect([...audit.outcomes]).toEqual([["warned", 3]]);
  expect(audit.moderators).toBe(1);
});

it("reports are counted in their period, by reason", async () => {
  await report("early");
  await clock.pass(1);
  startMs = clock.nowMs();
  for (const reason of ["spam", "harassment", "spam"] as const) await report("pest", reason);
  await clock.pass(MINUTE);
  const { reports } = await transparency().figures({ startMs, endMs: clock.nowMs() });
  expect([...reports]).toEqual(
    expect.arrayContaining([
      ["spam", 2],
      ["harassment", 1],
    ]),
  );
});

it("a decision follows from the case that was open before it, or is the moderator's own", async () => {
  await stores.actions.put(action("~pat"));
  await clock.pass(1);
  await report("~pat", "harassment");
  await stores.actions.put(action("~pat"));
  await stores.actions.put(action("network"));
  const found = await statements();
  expect(found.map(({ target, source, ground }) => [target, source, ground])).toEqual([
    ["network", "own_initiative", undefined],
    ["person", "reports", "harassment"],
    ["person", "own_initiative", undefined],
  ]);
});

it("a ban by reports says which rule caused it, and that nobody decided", async () => {
  for (let times = 0; times < 2; times++) await report("pest");
  const [{ record, ...statement } = { record: undefined }] = await statements();
  expect(statement).toMatchObject({ measure: "ban", automated: true, source: "reports", ground: "spam" });
  expect(record).toMatchObject({ facts: "reported from 2 networks within a day", liftedMs: undefined });
});

it("a statement has what is stored about an action, and whether it was lifted", async () => {
  const taken = action("~pat");
  await stores.actions.put(taken);
  await stores.actions.lift(taken.id, { liftedMs: startMs + 5, by: ann });
  const [statement] = await statements();
  const record = { expiresMs: taken.expiresMs, liftedMs: startMs + 5, facts: "rude", explanation: "Be kind." };
  expect(statement).toMatchObject({ id: taken.id, atMs: startMs, measure: "no_tips", automated: false, record });
  expect(JSON.stringify(statement)).not.toMatch(/~pat|ann/);
});

it("a ban that was replaced or lifted still has a statement, without what is no longer stored", async () => {
  const ban = { addressKey: "n" as AddressKey, reason: "first", automatic: false, createdMs: startMs };
  await stores.records.putBan({ ...ban, expiresMs: startMs + DAY }, ann);
  await clock.pass(10);
  const second = { ...ban, reason: "second", createdMs: clock.nowMs(), expiresMs: clock.nowMs() + DAY };
  await stores.records.putBan(second, ann);
  expect((await statements()).map(({ record }) => record?.facts)).toEqual(["second", undefined]);
  await stores.records.liftBan("n" as AddressKey, clock.nowMs(), ann);
  expect((await statements()).map(({ record }) => record)).toEqual([undefined, undefined]);
});

it("figures say from when on they are complete", async () => {
  await stores.actions.put(action("~pat"));
  await clock.pass(100 * DAY);
  for (let times = 0; times < 3; times++) await report("pest");
  const nowMs = clock.nowMs();
  expect((await transparency().figures(period())).completeness).toEqual({
    decisionsFromMs: nowMs - 400 * DAY,
    reportsFromMs: nowMs - REPORT_KEPT_MS,
    groundsFromMs: nowMs - CASE_KEPT_MS,
  });
  const full = await transparency({ audit: 3, reports: 3 }).figures(period());
  expect(full.completeness).toMatchObject({ decisionsFromMs: startMs, reportsFromMs: nowMs });
  const [, old] = await statements();
  expect(old).toMatchObject({ source: "unknown", ground: undefined });
});

it("20,000 actions are read in pages, each once, and no more than a page ahead of the reader", async () => {
  const count = 20_000;
  const taken = Array.from({ length: count }, (_, index) => action(`~${String(index % 50)}`, { kind: "warn" }));
  await Promise.all(taken.map((one) => stores.actions.put(one)));
  let [pages, largest] = [0, 0];
  const auditBefore: CaseStore["auditBefore"] = async (number, limit) => {
    const page = await stores.cases.auditBefore(number, limit);
    pages++;
    largest = Math.max(largest, page.length);
    return page;
  };
  const cases = {
    auditBefore,
    casesIn: stores.cases.casesIn.bind(stores.cases),
    getCase: stores.cases.getCase.bind(stores.cases),
  };
  const counting = new Transparency({ ...stores, cases, clock });
  const seen = new Set<string>();
  for await (const { id } of counting.statements(period(), new AbortController().signal)) {
    seen.add(id);
    expect(pages * largest - seen.size).toBeLessThan(largest);
  }
  expect(seen.size).toBe(count);
  expect(largest).toBeLessThanOrEqual(500);
  const { audit } = await counting.figures(period());
  expect(audit.decisions).toMatchObject([{ measure: "warn", target: "person", count }]);
});

it("a reader that goes away ends the reading", async () => {
  for (let index = 0; index < 450; index++) await stores.actions.put(action("~pat"));
  const reading = new AbortController();
  let seen = 0;
  for await (const statement of transparency().statements(period(), reading.signal)) {
    expect(statement.measure).toBe("no_tips");
    if (++seen === 1) reading.abort();
  }
  expect(seen).toBeLessThan(450);
});
