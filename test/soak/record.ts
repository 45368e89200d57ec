/** What the visitors did, and what happened to them. */
export class SoakRecord {
  visits = 0;
  /** From `Match` to `matched`, in milliseconds. */
  readonly waitsMs: number[] = [];
  /** Acknowledged signals, and those received. */
  sent = 0;
  received = 0;
  resumes = 0;
  /** Sequence numbers or signals that did not arrive, and streams that began with a snapshot in their place. */
  lost = 0;
  /** Those that arrived more than once. */
  doubled = 0;
  /** Sessions that ended before their window did. */
  expired = 0;
  /** What went wrong and is repeated, by kind: a killed instance breaks connections and refuses calls. */
  readonly errors = new Map<string, number>();
  /** What must not happen. */
  readonly problems = new Map<string, number>();

  error(kind: string): void {
    add(this.errors, kind);
  }

  problem(kind: string): void {
    add(this.problems, kind);
  }
}

function add(counts: Map<string, number>, kind: string): void {
  counts.set(kind, (counts.get(kind) ?? 0) + 1);
}

/** Counts in words, the most frequent first. */
export function inWords(counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.length === 0 ? "none" : sorted.map(([kind, count]) => `${String(count)} × ${kind}`).join(", ");
}
