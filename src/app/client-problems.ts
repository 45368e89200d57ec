import type { ClientProblem } from "../core/client-problem.js";
import type { Clock } from "../ports/clock.js";
import type { ServiceMeter } from "../ports/meter.js";
import type { Quotas } from "../ports/quotas.js";
import type { Bans } from "./bans.js";
import { type Caller, sessionOf } from "./caller.js";

/** How many reports of an address count in an hour, so that nobody can make a rare problem look like a common one. */
const REPORTS_PER_HOUR = 20;
const HOUR_MS = 3_600_000;

interface ClientProblemsDependencies {
  quotas: Quotas;
  bans: Pick<Bans, "hostKeys">;
  clock: Clock;
  meter: Pick<ServiceMeter, "troubled">;
  /** Called with the first report of each kind since the start. */
  onFirst: (problem: ClientProblem) => void;
}

/** Counts the problems that clients report. */
export class ClientProblems {
  readonly #seen = new Set<ClientProblem>();

  constructor(private readonly deps: ClientProblemsDependencies) {}

  /** @throws DomainError `token_invalid` */
  async report(caller: Caller, problem: ClientProblem): Promise<void> {
    const { quotas, bans, clock, meter, onFirst } = this.deps;
    sessionOf(caller);
    const [hostKey = ""] = bans.hostKeys(caller.host);
    const quota = { name: `problem:${hostKey}`, max: REPORTS_PER_HOUR, windowMs: HOUR_MS, nowMs: clock.nowMs() };
    const { state } = await quotas.take(quota);
    if (state === "used_up") return;
    meter.troubled(problem);
    if (this.#seen.has(problem)) return;
    this.#seen.add(problem);
    onFirst(problem);
  }
}
