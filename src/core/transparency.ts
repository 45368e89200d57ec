import { ACTION_KINDS, type ActionKind } from "./action.js";
import type { AuditAct, AuditEntry } from "./audit.js";
import { type CaseOutcome, outcomes, UNNAMED } from "./case.js";
import type { ActionId, AddressKey } from "./ids.js";
import type { ReportReason } from "./report.js";
import { msOf } from "./revision.js";
import { isDevice, isNetwork } from "./session-key.js";

/** From `startMs`, included, to `endMs`, excluded. */
export interface Period {
  startMs: number;
  endMs: number;
}

/** The longest period, in milliseconds: as long as the audit log is kept. */
export const MAX_PERIOD_MS = 400 * 24 * 60 * 60_000;

export type Measure = ActionKind | "ban";
export type MeasureTarget = "person" | "browser" | "network";

/** What was decided about somebody, as the audit log has it. */
export interface Decision {
  /** The number of the entry. */
  number: number;
  atMs: number;
  measure: Measure;
  addressKey: AddressKey;
  /** Undefined for a ban. */
  action: ActionId | undefined;
  /** The case whose reports caused it by a rule. */
  case: number | undefined;
  /** Whether reports caused it by a rule. */
  automated: boolean;
}

/** What a decision follows from. `unknown`: the cases of its time are no longer kept. */
export interface Basis {
  source: "reports" | "own_initiative" | "unknown";
  /** The gravest reason of the case; undefined without one. */
  ground: ReportReason | undefined;
}

/** A statement of reasons, without what identifies a person. */
export interface Statement extends Basis, Pick<Decision, "atMs" | "measure" | "automated"> {
  id: string;
  target: MeasureTarget;
  appealable: boolean;
  /** Undefined if the record is no longer kept. */
  record: DecisionRecord | undefined;
}

export interface DecisionRecord {
  expiresMs: number;
  /** Undefined if it was not lifted early. */
  liftedMs: number | undefined;
  /** Why, for moderators. */
  facts: string;
  /** What the person was told. */
  explanation: string;
}

export function targetOf(key: AddressKey): MeasureTarget {
  if (isNetwork(key)) return "network";
  return isDevice(key) ? "browser" : "person";
}

/** The decision that an entry of the audit log is about; undefined for other entries. */
export function decisionIn({ act, number, atMs, by, action, case: ofCase, detail }: AuditEntry): Decision | undefined {
  const said = { number, atMs, action, case: ofCase, automated: by === "" };
  if (act === "banned") return { ...said, measure: "ban", addressKey: detail as AddressKey };
  if (act !== "action_taken") return undefined;
  const [kind, addressKey = ""] = detail.split(" ");
  const measure = ACTION_KINDS.find((one) => one === kind);
  return measure && { ...said, measure, addressKey: addressKey as AddressKey };
}

/** Whether the person can appeal to the moderators within the service. */
export function isAppealable(measure: Measure): boolean {
  return measure === "ban";
}

/**
 * The acts of the audit log that are about appeals. The three entries of one appeal have the same `detail`, by which its
 * time is measured.
 */
const appealActs: Partial<Record<AuditAct["act"], "created" | "upheld" | "reversed">> = {
  appeal_filed: "created",
  appeal_upheld: "upheld",
  appeal_reversed: "reversed",
};

/** How many moderators are told apart, so that memory is bounded. */
const MAX_MODERATORS = 10_000;

/** Counts by name. */
export type Counts<Name extends string> = ReadonlyMap<Name, number>;

export interface DecisionCount extends Basis, Pick<Decision, "measure" | "automated"> {
  target: MeasureTarget;
  count: number;
}

/** Times with three significant digits, so that as many as there are take up little memory. */
export class Times {
  readonly #counts = new Map<number, number>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(ms: number): void {
    increment(this.#counts, Number(Math.max(0, ms).toPrecision(3)));
    this.#count++;
  }

  /** The shortest time that this share of all does not exceed; undefined if there are none. */
  percentile(share: number): number | undefined {
    let left = share * this.#count;
    for (const [ms, count] of [...this.#counts].sort(([one], [other]) => one - other)) {
      left -= count;
      if (left <= 0) return ms;
    }
    return undefined;
  }
}

/** What is counted from the audit log of a period. Entries are added with the newest first. */
export class AuditFigures {
  readonly outcomes = new Map<CaseOutcome, number>();
  readonly caseTimes = new Times();
  readonly appeals = { created: 0, upheld: 0, reversed: 0 };
  readonly appealTimes = new Times();
  readonly #decisions = new Map<string, DecisionCount>();
  readonly #moderators = new Set<string>();
  /** When the appeals were decided whose beginning is still to come. */
  readonly #decided = new Map<string, number>();

  constructor(private readonly period: Period) {}

  get decisions(): DecisionCount[] {
    return [...this.#decisions.values()];
  }

  get moderators(): number {
    return this.#moderators.size;
  }

  /** Whether entries from before the period matter: an appeal that was decided in it is older. */
  get needsOlder(): boolean {
    return this.#decided.size > 0;
  }

  add(entry: AuditEntry): void {
    this.#addAppeal(entry);
    if (!isWithin(this.period, entry.atMs)) return;
    const { act, by, detail, case: ofCase, atMs } = entry;
    if (by !== "" && by !== UNNAMED && this.#moderators.size < MAX_MODERATORS) this.#moderators.add(by);
    const outcome = act === "case_resolved" ? outcomes.find((one) => one === detail) : undefined;
    if (outcome === undefined) return;
    increment(this.outcomes, outcome);
    if (ofCase !== undefined) this.caseTimes.add(atMs - msOf(ofCase)); // it is numbered when it is opened
  }

  addDecision({ measure, addressKey, automated }: Decision, basis: Basis): void {
    const properties = { measure, target: targetOf(addressKey), ...basis, automated };
    const key = JSON.stringify(properties);
    const count = (this.#decisions.get(key)?.count ?? 0) + 1;
    this.#decisions.set(key, { ...properties, count });
  }

  #addAppeal({ act, atMs, detail }: AuditEntry): void {
    const what = appealActs[act];
    if (what === undefined) return;
    if (isWithin(this.period, atMs)) {
      this.appeals[what]++;
      if (what !== "created") this.#decided.set(detail, atMs);
    }
    const decidedMs = this.#decided.get(detail);
    if (what !== "created" || decidedMs === undefined) return;
    this.appealTimes.add(decidedMs - atMs);
    this.#decided.delete(detail);
  }
}

export function isWithin({ startMs, endMs }: Period, ms: number): boolean {
  return startMs <= ms && ms < endMs;
}

export function increment<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
