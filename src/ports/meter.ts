import type { ClientProblem } from "../core/client-problem.js";
import type { CheckPart, CheckResult } from "../core/connection-check.js";
import type { DepositState } from "../core/deposit.js";
import type { EndReason } from "../core/match.js";
import type { MetricCounters } from "../core/metrics/counters.js";
import type { ReportReason } from "../core/report.js";
import type { TipState } from "../core/tip.js";
import type { WebhookOutcome } from "./webhook-sender.js";

// What happens on this instance is counted on the path of every call and every event, so no verb may wait, fail or cost
// more than an addition.

/** Counts what streams deliver about matches. */
export interface MatchMeter {
  /** A side was sent its match, this long after it asked for one. */
  matched(waitedMs: number): void;
  /** A match began; only one of its sides reports it. */
  began(): void;
  /** The partner's first offer or answer arrived, this long after the match was sent. */
  responded(waitedMs: number): void;
  /** A side was sent the end of its match. */
  ended(reason: EndReason): void;
  /** A stream was reopened: resumed without a gap, or started from a snapshot. */
  returned(resumed: boolean): void;
  /** Signals were relayed. */
  relayed(signals: number): void;
}

/** Counts what the service as a whole does. */
export interface ServiceMeter {
  /** A call was answered, with a code such as `ok` or `resource_exhausted`. A stream is answered when it opens. */
  called(method: string, code: string): void;
  /** A new session was refused, to protect the existing ones. */
  shed(cause: ShedCause): void;
  /** A tip reached a state. */
  tipped(state: TipState): void;
  /** A new report was stored. */
  reported(reason: ReportReason): void;
  /** A client reported a problem. */
  troubled(problem: ClientProblem): void;
  /** A network was banned. */
  banned(cause: BanCause): void;
  /** The store answered or failed, this long after it was called. */
  storeAnswered(latencyMs: number): void;
  /** The store refused a write. */
  unstored(): void;
}

/** Counts the challenges of new sessions. */
export interface ChallengeMeter {
  /** A challenge was sent to a client, or a solution was accepted or refused. */
  challenged(outcome: ChallengeOutcome): void;
}

/** Counts visits to neighbour realms. */
export interface OverflowMeter {
  /** A person of this realm was offered to its neighbours, or a match with one of theirs ended. */
  visited(outcome: VisitOutcome): void;
}

/** Counts deposits. */
export interface DepositMeter {
  /** A deposit reached a state, or was waived because the node is away. */
  deposited(outcome: DepositOutcome): void;
}

/** Counts what clients report. */
export interface ClientMeter {
  /** Somebody tested their connection, with this result for one part. */
  checked(part: CheckPart, result: CheckResult): void;
}

/** Counts what is sent to the app's backend. */
export interface WebhookMeter {
  /** An attempt to deliver an event ended. */
  delivered(state: WebhookOutcome["state"]): void;
}

/** Returns everything counted since the start. */
export interface MetricReader {
  read(): MetricCounters;
}

export type Meter = MatchMeter &
  ServiceMeter &
  ChallengeMeter &
  OverflowMeter &
  DepositMeter &
  ClientMeter &
  WebhookMeter &
  MetricReader;

/** Who banned a network: enough reports, or an operator. */
export type BanCause = "reports" | "operator";

export type DepositOutcome = Exclude<DepositState, "releasing" | "forfeiting"> | "waived";

/**
 * `nobody`: nobody there fitted. `lapsed`: the person was matched in its own realm meanwhile, or left. `away`: a neighbour
 * did not answer. `ended`: a match between realms is over.
 */
export type VisitOutcome = "matched" | "nobody" | "lapsed" | "away" | "ended";

export type ChallengeOutcome = "issued" | "solved" | "refused";

/** `full`: the maximum number of sessions is reached; `late`: the event loop is delayed. */
export type ShedCause = "full" | "late";
