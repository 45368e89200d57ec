import { expect, it } from "vitest";
import { ATTACHABLE_MS, type Commitments, type EvidencePiece } from "../../src/core/evidence.js";
import type { Report } from "../../src/core/report.js";
import type { StoreFixture } from "../support/store-fixture.js";
import { ann } from "./cases/case-actions.js";
import { LAST, RecordsHarness, rules } from "./records/records-harness.js";

const bytes = (...values: number[]) => Uint8Array.from(values);

/** The contract of every store of evidence. */
export function evidenceStoreContract(create: () => Promise<StoreFixture>): void {
  const harness = RecordsHarness.of(create);

  async function reported(reporter: string, about: string): Promise<Report & { number: number }> {
    const report = harness.reportFrom(reporter, about);
    await harness.records.addReport(report, rules);
    const [stored] = await harness.records.reportsBefore(LAST, 1);
    return { ...report, number: stored?.number ?? 0 };
  }
  const attach = (
    { reporterId, matchId }: Report,
    [index, count]: [number, number],
    data: Uint8Array,
    more: { maxPieces?: number; commitments?: Commitments } = {},
  ) => {
    const { commitments = {}, maxPieces } = more;
    const piece: EvidencePiece = { reporterId, matchId, index, count, data, commitments, nowMs: harness.nowMs };
    return harness.evidence.addPiece(piece, maxPieces);
  };
  const open = (report: number) => harness.evidence.open({ report, by: ann, atMs: harness.nowMs });
  const contentOf = async (report: number) => {
    const found = await open(report);
    return typeof found === "string" ? found : found.pieces.map((piece) => [...piece]);
  };

  it("gives all pieces in order, with the commitments of the first that arrived", async () => {
    const report = await reported("r", "a");
    const commitments = { reported: { count: 3, head: "aGVhZA==", atMs: 7 } };
    expect(await attach(report, [1, 2], bytes(0, 255, 10), { commitments })).toBe("stored");
    expect(await harness.evidence.complete([report.number])).toEqual([]);
    expect(await open(report.number)).toBe("missing");
    expect(await attach(report, [0, 2], bytes(1, 2))).toBe("stored");
    expect(await harness.evidence.complete([report.number, 5])).toEqual([report.number]);
    expect(await open(report.number)).toMatchObject({ commitments });
    expect(await contentOf(report.number)).toEqual([
      [1, 2],
      [0, 255, 10],
    ]);
  });

  it("writes each opening into the audit log", async () => {
    const report = await reported("r", "a");
    await open(report.number);
    await attach(report, [0, 1], bytes(1));
    await open(report.number);
    const [{ number } = { number: 0 }] = await harness.cases.casesIn("unresolved", undefined, 1);
    const entries = await harness.cases.auditBefore(LAST, 10);
    expect(entries.map(({ act }) => act)).toEqual(["evidence_opened", "case_opened"]);
    expect(entries[0]).toMatchObject({ by: ann, case: number, report: report.number, detail: "", atMs: harness.nowMs });
  });

  it("takes a repeated piece once, and no other in its place", async () => {
    const report = await reported("r", "a");
    expect(await attach(report, [0, 2], bytes(1))).toBe("stored");
    expect(await attach(report, [0, 2], bytes(1))).toBe("stored");
    expect(await attach(report, [0, 2], bytes(2))).toBe("taken");
    expect(await attach(report, [1, 3], bytes(2))).toBe("taken");
    expect(await attach(report, [1, 2], bytes(3))).toBe("stored");
    expect(await contentOf(report.number)).toEqual([[1], [3]]);
  });

  it("takes evidence only for a report of that reporter, for some minutes", async () => {
    const report = await reported("r", "a");
    const other = await reported("other", "a");
    expect(await attach({ ...report, reporterId: other.reporterId }, [0, 1], bytes(1))).toBe("unreported");
    harness.nowMs += ATTACHABLE_MS;
    expect(await attach(report, [0, 1], bytes(1))).toBe("stored");
    harness.nowMs += 10;
    expect(await attach(other, [0, 1], bytes(1))).toBe("unreported");
    expect(await open(other.number)).toBe("missing");
    expect(await open(1)).toBe("unreported");
  });

  it("drops the evidence of the oldest other report beyond the limit", async () => {
    const [first, second, third] = [await reported("r", "a"), await reported("r", "b"), await reported("r", "c")];
    const maxPieces = 3;
    await attach(first, [0, 2], bytes(1), { maxPieces });
    await attach(second, [0, 1], bytes(2), { maxPieces });
    await attach(third, [0, 1], bytes(3), { maxPieces });
    await attach(first, [1, 2], bytes(4), { maxPieces });
    const numbers = [first, second, third].map(({ number }) => number);
    expect(await harness.evidence.complete(numbers)).toEqual([first.number, third.number]);
    const fourth = await reported("r", "d");
    await attach(fourth, [0, 1], bytes(5), { maxPieces });
    expect(await harness.evidence.complete([...numbers, fourth.number])).toEqual([third.number, fourth.number]);
  });

  it("drops evidence by the age of its report, in steps", async () => {
    const old = [await reported("r", "a"), await reported("r", "b")];
    for (const report of old) await attach(report, [0, 1], bytes(1));
    harness.nowMs += 1_000;
    const reportsBeforeMs = harness.nowMs;
    const recent = await reported("r", "c");
    await attach(recent, [0, 1], bytes(2));
    expect(await harness.evidence.prune({ reportsBeforeMs, limit: 1 })).toBe(true);
    expect(await harness.evidence.prune({ reportsBeforeMs, limit: 2 })).toBe(false);
    expect(await harness.evidence.complete([...old, recent].map(({ number }) => number))).toEqual([recent.number]);
  });

  it("drops evidence with its report", async () => {
    const report = await reported("r", "a");
    await attach(report, [0, 1], bytes(1));
    const due = { reportsBeforeMs: harness.nowMs + 1_000, nowMs: harness.nowMs, limit: 10 };
    await harness.records.prune(due);
    expect(await open(report.number)).toBe("unreported");
    expect(await harness.evidence.complete([report.number])).toEqual([]);
  });

  it("drops evidence with its case", async () => {
    const [report, other] = [await reported("r", "a"), await reported("s", "a")];
    for (const one of [report, other]) await attach(one, [0, 1], bytes(1));
    await harness.cases.prune({ casesBeforeMs: harness.nowMs + 1_000, auditBeforeMs: 0, limit: 10 });
    expect(await harness.evidence.complete([report.number, other.number])).toEqual([]);
    expect(await open(report.number)).toBe("missing");
  });
}
