import type { AddressKey, MatchId, NetworkKey, SessionId } from "./ids.js";
import { limits } from "./limits.js";
import { narrowestOf, widestOf } from "./network-key.js";

export type ReportReason = "sexual_content" | "harassment" | "violence" | "minor" | "spam" | "other";

/** What somebody said about a partner. */
export interface Report {
  reporterId: SessionId;
  /** The network of the reporter's newest stream. */
  reporterKey: NetworkKey;
  /** The block of addresses that the report came from; not kept with it. Undefined where that is the reporter's network. */
  reporterBlock?: AddressKey;
  /** The network of the reported one's newest stream when the match ended. */
  reportedKey: NetworkKey;
  matchId: MatchId;
  /** Whether both sides of the match had sent something. */
  bothHeard: boolean;
  reason: ReportReason;
  /** The reporter's words; may be empty. Never logged. */
  comment: string;
  /** When the match began. */
  matchStartMs: number;
  createdMs: number;
}

/**
 * How many reports are kept. Of a network beyond its number the oldest are dropped; beyond the number of all, the oldest
 * of the network that has the most. Those that never counted towards a ban go first.
 */
export interface KeptReports {
  all: number;
  /** Of one network, which is the widest that its reporter is part of. */
  fromNetwork: number;
  /** How many may count at a time, of all; what comes beyond it is kept and does not count. */
  counted: number;
}

export const keptReports: KeptReports = {
  all: limits.keptReports,
  fromNetwork: limits.keptReportsFromNetwork,
  counted: limits.countedReportsOfAll,
};

/** The block of addresses whose share of all counts a report takes from. */
export function blockOf({ reporterBlock, reporterKey }: Report): AddressKey {
  return reporterBlock ?? widestOf(reporterKey);
}

/** What is kept of a report. */
export function withoutBlock(report: Report): Report {
  const kept = { ...report };
  delete kept.reporterBlock;
  return kept;
}

/**
 * How many of all counts there may be of one block of addresses, a quarter: the holder of a block has thousands of
 * networks that may each count, and leaves room for those of others.
 */
export function countedOfBlock(ofAll: number): number {
  return Math.ceil(ofAll / 4);
}

/** Reports count towards a ban for this long, in milliseconds. */
export const COUNTED_MS = 24 * 60 * 60_000;
/** Reports are kept for this long, in milliseconds. */
export const REPORT_KEPT_MS = 90 * COUNTED_MS;

/**
 * Whether a report counts towards a ban: both sides of its match took part, nobody's own network counts against it, and
 * one network counts once against another, and against so many others, in `COUNTED_MS`. The reporter's network is the
 * widest that it is part of, so that all of a home counts once.
 * @param counted whom reports from the reporter's network counted against in that time
 */
export function counts({ reporterKey, reportedKey, bothHeard }: Report, counted: ReadonlySet<AddressKey>): boolean {
  if (!bothHeard || widestOf(reporterKey) === widestOf(reportedKey)) return false;
  return !counted.has(narrowestOf(reportedKey)) && counted.size < limits.countedReports;
}
