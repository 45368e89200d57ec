import type { TipId } from "../core/ids.js";
import { type Tip, tipUnknown, type TipState, type TotalName } from "../core/tip.js";
import type { Clock } from "../ports/clock.js";
import type { Meter } from "../ports/meter.js";
import type { LedgerEntry, TipLedger, TipsOf, Total } from "../ports/tip-ledger.js";
import { NEWEST, type Page, pageOf } from "./pagination.js";
import { ChangeFeed } from "./change-feed.js";

/** Lets payment services read the books of tips. */
export class Payments {
  readonly #watchers: ChangeFeed<LedgerEntry>;

  constructor(
    private readonly tips: TipLedger,
    clock: Clock,
    private readonly meter: Meter,
  ) {
    this.#watchers = new ChangeFeed((after, limit) => tips.after(after, limit), clock);
  }

  /** A tip changed on this instance: it counts, and those who watch need not wait until they look again. */
  noteChange({ state }: Tip): void {
    this.meter.tipped(state);
    this.#watchers.notify();
  }

  /** @throws DomainError `tip_unknown` */
  async get(id: TipId): Promise<LedgerEntry> {
    const tip = await this.tips.get(id);
    if (tip === undefined) throw tipUnknown();
    return tip;
  }

  /** Those that changed last first. */
  async list(size: number, before = NEWEST, of?: TipsOf): Promise<Page<LedgerEntry>> {
    return pageOf(await this.tips.before(before, size, of), size);
  }

  /** Tips in the order of their changes: what they are now, then as they change. Only of one state, if it is given. */
  async *watch(after: number, state: TipState | undefined, signal: AbortSignal): AsyncGenerator<LedgerEntry> {
    for await (const tip of this.#watchers.watch(after, signal)) {
      if (state === undefined || tip.state === state) yield tip;
    }
  }

  total(name: TotalName): Promise<Total> {
    return this.tips.total(name);
  }
}
