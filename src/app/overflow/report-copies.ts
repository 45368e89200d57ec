import { guestId, homeOf } from "../../core/guest.js";
import type { SessionId } from "../../core/ids.js";
import type { Report } from "../../core/report.js";
import type { Clock } from "../../ports/clock.js";
import type { Neighbour } from "../../ports/neighbour.js";
import type { Random } from "../../ports/random.js";
import { Patience } from "./patience.js";

/** How many copies may wait for a neighbour that is away; further ones are dropped. */
const MAX_PENDING = 100;
/** A copy is for moderators; the neighbour's automatic bans count what its own people report. */
const NEVER_BANS = { afterReports: 0, durationMs: 0 };

interface Parts {
  /** The name of this realm. */
  realm: string;
  neighbours: readonly Neighbour[];
  clock: Clock;
  random: Random;
  onError: (error: unknown) => void;
}

/** Files reports about people of neighbour realms there too, where their moderators see them. */
export class ReportCopies {
  readonly #patience: Patience;
  #pending = 0;

  constructor(private readonly parts: Parts) {
    this.#patience = new Patience(parts.clock, parts.random);
  }

  /** Files a copy of a report about a guest, as soon as its realm answers; none about others. */
  file(reportedId: SessionId, report: Report): void {
    const neighbour = this.parts.neighbours.find(({ name }) => name === homeOf(reportedId));
    if (neighbour === undefined || this.#pending >= MAX_PENDING) return;
    // Without the person and the browser that report: they get their answers at home.
    const { reporterKey, reportedKey, matchId, bothHeard, reason, comment, matchStartMs } = report;
    const about = { reporterKey, reportedKey, matchId, bothHeard, reason, comment, matchStartMs };
    const reporterId = guestId(report.reporterId, this.parts.realm);
    const copy = { ...about, reporterId, createdMs: neighbour.clock.nowMs() };
    this.#pending++;
    this.#patience
      .until(() => neighbour.records.addReport(copy, NEVER_BANS))
      .catch(this.parts.onError)
      .finally(() => {
        this.#pending--;
      })
      .catch(this.parts.onError);
  }
}
