import type { Case, CaseAct, Moderator } from "../../../src/core/case.js";
import type { RecordsHarness } from "../records/records-harness.js";

export const ann = "ann" as Moderator;
export const bob = "bob@example.org" as Moderator;

type Said<T> = T extends unknown ? Omit<T, "atMs"> : never;

/** Does something with a case now. */
export function act(harness: RecordsHarness, { number }: Case, done: Said<CaseAct>) {
  return harness.cases.actOn(number, { ...done, atMs: harness.nowMs });
}

/** The unresolved cases, in order. */
export function queue(harness: RecordsHarness): Promise<Case[]> {
  return harness.cases.casesIn("unresolved", undefined, 1_000);
}

/** The only unresolved case. */
export async function onlyCase(harness: RecordsHarness): Promise<Case> {
  const [found, ...others] = await queue(harness);
  if (found === undefined || others.length > 0) throw new Error(`there is not one case but ${String(others.length)}`);
  return found;
}

/** Claims and resolves a case. */
export async function resolve(harness: RecordsHarness, found: Case, outcome: "banned" | "no_violation") {
  await act(harness, found, { type: "claim", by: ann });
  return act(harness, found, { type: "resolve", by: ann, outcome, text: "seen" });
}
