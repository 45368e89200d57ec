import type { PersonKey, TipId } from "../core/ids.js";
import { type Tip, tipUnknown, type TipState, type TotalName } from "../core/tip.js";
import type { Clock } from "../ports/clock.js";
import type { ServiceMeter } from "../ports/meter.js";
import type { LedgerEntry, TipLedger, TipsOf, Total } from "../ports/tip-ledger.js";
import type { People } from "./people.js";
import { NEWEST, type Page, pageOf } from "./pagination.js";
import { ChangeFeed } from "./change-feed.js";

/** Lets payment services read the ledger of tips. */
export class Payments {
  readonly #feed: ChangeFeed<LedgerEntry>;

  constructor(
    private readonly tips: TipLedger,
    clock: Clock,
    private readonly meter: ServiceMeter,
    private readonly people: Pick<People, "subjectsOf">,
  ) {
    this.#feed = new ChangeFeed((after, limit) => tips.after(after, limit), clock);
  }

  /** Counts a change by this instance, and notifies its watchers. */
  noteChange({ state }: Tip): void {
    this.meter.tipped(state);
    this.#feed.notify();
  }

  /** @throws DomainError `tip_unknown` */
  async get(id: TipId): Promise<LedgerEntry> {
    const tip = await this.tips.get(id);
    if (tip === undefined) throw tipUnknown();
    return tip;
  }

  /** Lists tips, the latest change first. */
  async list(size: number, before = NEWEST, of?: TipsOf): Promise<Page<LedgerEntry>> {
    return pageOf(await this.tips.before(before, size, of), size);
  }

  /** Yields tips in the order of their changes: their current states, then new ones. Optionally of one state only. */
  async *watch(after: number, state: TipState | undefined, signal: AbortSignal): AsyncGenerator<LedgerEntry> {
    for await (const tip of this.#feed.watch(after, signal)) {
      if (state === undefined || tip.state === state) yield tip;
    }
  }

  /** Returns the subjects of the people of tips. */
  subjectsOf(tips: readonly Tip[]): Promise<ReadonlyMap<PersonKey, string>> {
    const keys = tips.flatMap(({ payerPerson, payeePerson }) => [payerPerson, payeePerson]);
    return this.people.subjectsOf(keys.filter((key) => key !== undefined));
  }

  total(name: TotalName): Promise<Total> {
    return this.tips.total(name);
  }
}
