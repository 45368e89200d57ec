import { DomainError } from "../core/errors.js";
import type { Random } from "../ports/random.js";
import type { Load } from "../ports/load.js";
import type { Meter } from "../ports/meter.js";

/** After how long a refused newcomer may try again, in milliseconds: at least, and not all at once. */
const RETRY_MS = 1_000;
const RETRY_SPREAD_MS = 2_000;

/** Refuses newcomers while this process is too busy, so that those who are here are served well. */
export class LoadShedder {
  constructor(
    private readonly load: Load,
    private readonly chance: Random,
    private readonly meter: Meter,
    /** How late the event loop may run, in milliseconds. */
    private readonly maxLoopDelayMs: number,
  ) {}

  stop(): void {
    this.load.stop();
  }

  /** @throws DomainError `limit_reached` */
  admit(): void {
    if (this.load.loopDelayMs() <= this.maxLoopDelayMs) return;
    this.meter.shed("late");
    throw new DomainError("limit_reached", "the server is too busy for new sessions; try again soon", {
      retryAfterMs: RETRY_MS + RETRY_SPREAD_MS * this.chance.float(),
    });
  }
}
