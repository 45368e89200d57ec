import { fromBase64 } from "./base64.js";
import { extend } from "./chat-chain.js";
import type { EvidenceDocument, EvidenceLine } from "./types.js";

/** What the server received from a side while the two chatted. */
export interface ChatCommitment {
  count: number;
  head: Uint8Array;
}

/**
 * What is known about a line. `proved`: the partner's own commitment covers its text. `committed`: the reporter's does, so
 * that the reporter has not changed it since. `claimed`: only the reporter says so.
 */
export type LineStanding = "proved" | "committed" | "claimed";

/** Says of each line of a document what is known about it, in the same order. */
export async function verifyLines(
  { lines }: Pick<EvidenceDocument, "lines">,
  commitments: { reported?: ChatCommitment | undefined; reporter?: ChatCommitment | undefined },
): Promise<LineStanding[]> {
  const { reported, reporter } = commitments;
  const proved = await coveredBy(reported, lines, "partner");
  const committed = await coveredBy(reporter, lines, "me");
  return lines.map((line) => (proved.has(line) ? "proved" : committed.has(line) ? "committed" : "claimed"));
}

/** Whether a document is about a report, and not one that was swapped. */
export function isAbout(
  document: Pick<EvidenceDocument, "matchId" | "reporterId">,
  report: { matchId: string; reporterId: string },
): boolean {
  return document.matchId === report.matchId && document.reporterId === report.reporterId;
}

/** Goes back from the commitment. Each line that fits confirms the head before it; the first that does not ends this. */
async function coveredBy(
  commitment: ChatCommitment | undefined,
  lines: readonly EvidenceLine[],
  from: EvidenceLine["from"],
): Promise<Set<EvidenceLine>> {
  const covered = new Set<EvidenceLine>();
  if (!commitment) return covered;
  const own = lines.filter((line) => line.from === from);
  let { count, head } = commitment;
  for (; count > 0; count--) {
    const line = own.find(({ number }) => number === count);
    const previous = line && fromBase64(line.previous);
    if (!previous || !isEqual((await extend({ count: count - 1, head: previous }, line.text)).head, head)) break;
    covered.add(line);
    head = previous;
  }
  return covered;
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
