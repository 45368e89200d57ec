import { Cases } from "../../src/app/cases.js";
import { systemClock } from "../../src/adapters/node/clock.js";
import type { CaseFilter, Moderator } from "../../src/core/case.js";
import type { AddressKey, MatchId, NetworkKey, SessionId } from "../../src/core/ids.js";
import type { Report, ReportReason } from "../../src/core/report.js";
import type { CaseStore } from "../../src/ports/case-store.js";
import { nothingAnswered } from "./no-answers.js";
import type { OpenStores } from "./store-fixture.js";

const REASONS = [
  "spam",
  "harassment",
  "other",
  "violence",
  "sexual_content",
  "minor",
] as const satisfies ReportReason[];
const [MO, ADA] = ["mo", "ada"] as [Moderator, Moderator];
/** Of ten cases, one is in review and two are resolved. */
const [SHARES, RESOLVED] = [10, 2];
const REPORTERS = 5_000;
/** How many calls are under way at a time. */
const AT_ONCE = 50;

/** What operators ask the queue for. */
export const filters: readonly [name: string, filter: CaseFilter][] = [
  ["no filter", {}],
  ["open", { state: "open" }],
  ["in review", { state: "in_review" }],
  ["resolved", { state: "resolved" }],
  ["a reason", { reason: "minor" }],
  ["a reason, resolved", { reason: "spam", state: "resolved" }],
  ["a moderator", { moderator: MO }],
  ["a moderator, resolved", { moderator: ADA, state: "resolved" }],
  ["a moderator, a reason", { moderator: MO, reason: "violence" }],
  ["whom it is about", { reportedKey: "reported-7" as AddressKey }],
];

export interface Size {
  cases: number;
  reports: number;
}

/** Stores reports about as many as there are to be cases, some of which moderators review and resolve. */
export async function fillQueue({ records, cases }: OpenStores, { cases: count, reports }: Size): Promise<void> {
  await inBatches(reports, async (index) => {
    await records.addReport(reportNumbered(index, count), { afterReports: 0, durationMs: 60_000 });
  });
  const numbers = (await cases.casesAfter(0, count)).map(({ number }) => number).sort((one, other) => one - other);
  await inBatches(count, async (index) => {
    const [number = 0, share] = [numbers[index], (index * 7 + Math.floor(index / SHARES)) % SHARES];
    if (share > RESOLVED) return;
    const by = share === RESOLVED ? MO : ADA;
    const atMs = systemClock.nowMs();
    await cases.actOn(number, { type: "claim", by, atMs });
    if (by === ADA) await cases.actOn(number, { type: "resolve", by, outcome: "warned", text: "", atMs });
  });
}

/** The use cases of the queue, on a store. */
export function queueOn(store: CaseStore): Cases {
  const people = { subjectsOf: () => Promise.resolve(new Map()) };
  return new Cases(store, systemClock, people, nothingAnswered);
}

function reportNumbered(index: number, cases: number): Report {
  const which = index % cases;
  const nowMs = systemClock.nowMs();
  return {
    reporterId: `session-${String(index)}` as SessionId,
    reporterKey: `reporter-${String(index % REPORTERS)}` as NetworkKey,
    reportedKey: `reported-${String(which)}` as NetworkKey,
    matchId: `match-${String(index)}` as MatchId,
    reason: REASONS[which % REASONS.length] ?? "other",
    ...{ bothHeard: true, comment: "", matchStartMs: nowMs, createdMs: nowMs },
  };
}

async function inBatches(count: number, act: (index: number) => Promise<void>): Promise<void> {
  for (let start = 0; start < count; start += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - start) }, (_, index) => act(start + index)));
  }
}
