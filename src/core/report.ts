import type { AddressKey, DeviceKey, MatchId, NetworkKey, PersonKey, SessionId } from "./ids.js";
import { limits } from "./limits.js";
import { narrowestOf, widestOf } from "./network-key.js";

export type ReportReason = "sexual_content" | "harassment" | "violence" | "minor" | "spam" | "other";

/** A report about a partner. */
export interface Report {
  reporterId: SessionId;
  /** The network of the reporter's newest stream. */
  reporterKey: NetworkKey;
  /** The person who reports; undefined for an anonymous reporter. */
  reporterPerson?: PersonKey;
  /** The browser that the report was made in; undefined if it is not known. */
  reporterDevice?: DeviceKey;
  /** The block of addresses that the report came from; not stored. Undefined where that is the reporter's network. */
  reporterBlock?: AddressKey;
  /** The network of the reported session's newest stream when the match ended. */
  reportedKey: NetworkKey;
  matchId: MatchId;
  /** Whether both sides of the match had sent something. */
  bothHeard: boolean;
  reason: ReportReason;
  /** The reporter's comment; may be empty. Never logged. */
  comment: string;
  /** When the match began. */
  matchStartMs: number;
  createdMs: number;
}

/**
 * How many reports are kept. Beyond the limit of a network its oldest are dropped; beyond the total, the oldest of the
 * network with the most. Those that never counted towards a ban are dropped first.
 */
export interface KeptReports {
  all: number;
  /** Per network: the widest that contains its reporter. */
  fromNetwork: number;
  /** How many may count at a time, in total; further ones are kept but do not count. */
  counted: number;
  /** How many cases are kept (`limits.keptCases`). */
  cases?: number;
}

export const keptReports: KeptReports = {
  all: limits.keptReports,
  fromNetwork: limits.keptReportsFromNetwork,
  counted: limits.countedReportsOfAll,
};

/** How a report ended, for its reporter: neither what was done nor to whom. */
export interface ReportAnswer {
  /** The number of the report. */
  report: number;
  /** Whether it led to something. */
  actedOn: boolean;
  /** When the report was made. */
  createdMs: number;
}

/** Who is answered: the person who reports, else the browser; undefined for a mere network. */
export function answeredParty({ reporterPerson, reporterDevice }: Report): PersonKey | DeviceKey | undefined {
  return reporterPerson ?? reporterDevice;
}

/** The block of addresses whose share of all counts a report uses. */
export function blockOf({ reporterBlock, reporterKey }: Report): AddressKey {
  return reporterBlock ?? widestOf(reporterKey);
}

/** The part of a report that is stored. */
export function withoutBlock(report: Report): Report {
  const kept = { ...report };
  delete kept.reporterBlock;
  return kept;
}

/**
 * The number of all counts that one block of addresses may use, a quarter: the holder of a block has thousands of
 * networks that may each count, and must leave room for those of others.
 */
export function countedOfBlock(ofAll: number): number {
  return Math.ceil(ofAll / 4);
}

/** How long reports count towards a ban, in milliseconds. */
export const COUNTED_MS = 24 * 60 * 60_000;
/** How long reports are kept, in milliseconds. */
export const REPORT_KEPT_MS = 90 * COUNTED_MS;

/**
 * Whether a report counts towards a ban. Both sides of its match must have taken part, from different networks; within
 * `COUNTED_MS`, a network counts once against another, and against a limited number of others. The reporter's network
 * is the widest that contains it, so that all of a home counts once.
 * @param counted the networks that reports from the reporter's network counted against in that time
 */
export function counts({ reporterKey, reportedKey, bothHeard }: Report, counted: ReadonlySet<AddressKey>): boolean {
  if (!bothHeard || widestOf(reporterKey) === widestOf(reportedKey)) return false;
  return !counted.has(narrowestOf(reportedKey)) && counted.size < limits.countedReports;
}
