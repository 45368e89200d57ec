import { DomainError } from "../core/errors.js";
import type { ServiceMeter } from "../ports/meter.js";
import type { ProcessStats } from "../ports/process-stats.js";
import type { Random } from "../ports/random.js";

/** The retry delay of a refused session, in milliseconds: a minimum, and a random part. */
const RETRY_MS = 1_000;
const RETRY_SPREAD_MS = 2_000;

/** Refuses new sessions while this process is overloaded, to protect the existing ones. */
export class LoadShedder {
  constructor(
    private readonly processStats: Pick<ProcessStats, "recentLoopDelayMs">,
    private readonly random: Random,
    private readonly meter: ServiceMeter,
    /** The maximum delay of the event loop, in milliseconds. */
    private readonly maxLoopDelayMs: number,
  ) {}

  /** @throws DomainError `limit_reached` */
  admit(): void {
    if (this.processStats.recentLoopDelayMs() > this.maxLoopDelayMs) this.refuse();
  }

  /** @throws DomainError `limit_reached` */
  refuse(): never {
    this.meter.shed("late");
    throw new DomainError("limit_reached", "the server is too busy for new sessions; try again soon", {
      problem: "overload",
      retryAfterMs: RETRY_MS + RETRY_SPREAD_MS * this.random.float(),
    });
  }
}
