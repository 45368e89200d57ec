import { Histogram } from "../../core/metrics/histogram.js";
import type { ClientProblem } from "../../core/client-problem.js";
import type { CheckPart, CheckResult } from "../../core/connection-check.js";
import type { EndReason } from "../../core/match.js";
import type { Counts, MetricCounters } from "../../core/metrics/counters.js";
import type { ReportReason } from "../../core/report.js";
import type { TipState } from "../../core/tip.js";
import type { BanCause, ChallengeOutcome, DepositOutcome, Meter, ShedCause, VisitOutcome } from "../../ports/meter.js";
import type { WebhookOutcome } from "../../ports/webhook-sender.js";
import type { ProcessStats } from "../../ports/process-stats.js";

/** Counts in plain numbers: recording hashes no labels, and allocates only for a new name. */
export class MemoryMeter implements Meter {
  readonly #timeToMatch = new Histogram();
  readonly #handshake = new Histogram();
  readonly #storeLatency = new Histogram();
  readonly #calls = new Map<string, Map<string, number>>();
  readonly #ends = new Map<EndReason, number>();
  readonly #shed = new Map<ShedCause, number>();
  readonly #challenges = new Map<ChallengeOutcome, number>();
  readonly #visits = new Map<VisitOutcome, number>();
  readonly #deposits = new Map<DepositOutcome, number>();
  readonly #tips = new Map<TipState, number>();
  readonly #reports = new Map<ReportReason, number>();
  readonly #bans = new Map<BanCause, number>();
  readonly #problems = new Map<ClientProblem, number>();
  readonly #checks = new Map<string, number>();
  readonly #deliveries = new Map<WebhookOutcome["state"], number>();
  #matches = 0;
  #signals = 0;
  #resumed = 0;
  #gapped = 0;
  #unstored = 0;

  constructor(private readonly process: Pick<ProcessStats, "cpuMs" | "loopDelay">) {}

  called(method: string, code: string): void {
    let codes = this.#calls.get(method);
    if (codes === undefined) this.#calls.set(method, (codes = new Map<string, number>()));
    increment(codes, code);
  }

  matched(waitedMs: number): void {
    this.#timeToMatch.observe(waitedMs);
  }

  began(): void {
    this.#matches++;
  }

  responded(waitedMs: number): void {
    this.#handshake.observe(waitedMs);
  }

  ended(reason: EndReason): void {
    increment(this.#ends, reason);
  }

  returned(resumed: boolean): void {
    if (resumed) this.#resumed++;
    else this.#gapped++;
  }

  relayed(signals: number): void {
    this.#signals += signals;
  }

  storeAnswered(latencyMs: number): void {
    this.#storeLatency.observe(latencyMs);
  }

  unstored(): void {
    this.#unstored++;
  }

  shed(cause: ShedCause): void {
    increment(this.#shed, cause);
  }

  visited(outcome: VisitOutcome): void {
    increment(this.#visits, outcome);
  }

  challenged(outcome: ChallengeOutcome): void {
    increment(this.#challenges, outcome);
  }

  deposited(outcome: DepositOutcome): void {
    increment(this.#deposits, outcome);
  }

  tipped(state: TipState): void {
    increment(this.#tips, state);
  }

  reported(reason: ReportReason): void {
    increment(this.#reports, reason);
  }

  troubled(problem: ClientProblem): void {
    increment(this.#problems, problem);
  }

  banned(cause: BanCause): void {
    increment(this.#bans, cause);
  }

  checked(part: CheckPart, result: CheckResult): void {
    increment(this.#checks, `${part} ${result}`);
  }

  delivered(state: WebhookOutcome["state"]): void {
    increment(this.#deliveries, state);
  }

  read(): MetricCounters {
    return {
      timeToMatch: this.#timeToMatch.buckets,
      handshake: this.#handshake.buckets,
      storeLatency: this.#storeLatency.buckets,
      loopDelay: this.process.loopDelay(),
      matches: this.#matches,
      signals: this.#signals,
      resumed: this.#resumed,
      gapped: this.#gapped,
      unstored: this.#unstored,
      cpuMs: this.process.cpuMs(),
      ends: Object.fromEntries(this.#ends),
      calls: this.#flatCalls(),
      shed: Object.fromEntries(this.#shed),
      challenges: Object.fromEntries(this.#challenges),
      visits: Object.fromEntries(this.#visits),
      deposits: Object.fromEntries(this.#deposits),
      tips: Object.fromEntries(this.#tips),
      reports: Object.fromEntries(this.#reports),
      bans: Object.fromEntries(this.#bans),
      problems: Object.fromEntries(this.#problems),
      checks: Object.fromEntries(this.#checks),
      deliveries: Object.fromEntries(this.#deliveries),
    };
  }

  #flatCalls(): Counts {
    return Object.fromEntries(
      [...this.#calls].flatMap(([method, codes]) =>
        [...codes].map(([code, count]): [string, number] => [`${method} ${code}`, count]),
      ),
    );
  }
}

function increment<Name>(counts: Map<Name, number>, name: Name): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
