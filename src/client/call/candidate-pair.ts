/** The fields of the standard's dictionaries by which the path of a call is found. Any may be missing in some browser. */
export interface PathEntry {
  id: string;
  type: string;
  selectedCandidatePairId?: string;
  /** Firefox reports here what other browsers report in the transport. */
  selected?: boolean;
  nominated?: boolean;
  state?: string;
  localCandidateId?: string;
  remoteCandidateId?: string;
  candidateType?: string;
}

/** Returns the candidate pair that a connection uses, from its statistics. */
export function selectedPair<Entry extends PathEntry>(entries: readonly Entry[]): Entry | undefined {
  const selectedId = entries.find(({ type }) => type === "transport")?.selectedCandidatePairId;
  const pairs = entries.filter(({ type }) => type === "candidate-pair");
  return (
    pairs.find(({ id }) => id === selectedId) ??
    pairs.find((pair) => pair.selected) ??
    pairs.find((pair) => pair.nominated && pair.state === "succeeded")
  );
}

/** Whether one end of a candidate pair is a relay. */
export function isRelayed(entries: readonly PathEntry[], pair: PathEntry): boolean {
  const ends = entries.filter(({ id }) => id === pair.localCandidateId || id === pair.remoteCandidateId);
  return ends.some(({ candidateType }) => candidateType === "relay");
}
