/** What happened to a crowd since it was cut off. */
export interface CrowdRecord {
  /** Streams that the server refused, by its code. */
  refused: Partial<Record<string, number>>;
  /** Connections that ended before `Welcome`. */
  broken: number;
  /** Streams that their clients gave up because `Welcome` did not come in time. */
  late: number;
  /** Streams that began with a snapshot, as events were lost. */
  snapshots: number;
  /** Events that arrived again, or after a gap. */
  repeated: number;
  gaps: number;
  /** Messages by the number of their event. */
  events: Partial<Record<number, number>>;
}

export function emptyRecord(): CrowdRecord {
  return { refused: {}, broken: 0, late: 0, snapshots: 0, repeated: 0, gaps: 0, events: {} };
}

export function count<Key extends string | number>(counts: Partial<Record<Key, number>>, key: Key): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
