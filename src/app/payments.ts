import type { TipId } from "../core/ids.js";
import { type Tip, tipUnknown, type TipState, type TotalName } from "../core/tip.js";
import type { Clock } from "../ports/clock.js";
import type { Meter } from "../ports/meter.js";
import type { BookedTip, Tips, TipsOf, Total } from "../ports/tip-ledger.js";
import { NEWEST, type Page, pageOf } from "./pagination.js";
import { Watchers } from "./change-feed.js";

/** Lets payment services read the books of tips. */
export class Payments {
  readonly #watchers: Watchers<BookedTip>;

  constructor(
    private readonly tips: Tips,
    clock: Clock,
    private readonly meter: Meter,
  ) {
    this.#watchers = new Watchers((after, limit) => tips.after(after, limit), clock);
  }

  /** A tip changed on this instance: it counts, and those who watch need not wait until they look again. */
  noteChange({ state }: Tip): void {
    this.meter.tipped(state);
    this.#watchers.ring();
  }

  /** @throws DomainError `tip_unknown` */
  async get(id: TipId): Promise<BookedTip> {
    const tip = await this.tips.get(id);
    if (tip === undefined) throw tipUnknown();
    return tip;
  }

  /** Those that changed last first. */
  async list(size: number, before = NEWEST, of?: TipsOf): Promise<Page<BookedTip>> {
    return pageOf(await this.tips.before(before, size, of), size);
  }

  /** Tips in the order of their changes: what they are now, then as they change. Only of one state, if it is given. */
  async *watch(after: number, state: TipState | undefined, signal: AbortSignal): AsyncGenerator<BookedTip> {
    for await (const tip of this.#watchers.watch(after, signal)) {
      if (state === undefined || tip.state === state) yield tip;
    }
  }

  total(name: TotalName): Promise<Total> {
    return this.tips.total(name);
  }
}
