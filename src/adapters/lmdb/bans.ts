import type { Database, RootDatabase } from "lmdb";
import {
  type Appeal,
  type AppealDecision,
  type AppealedBan,
  decided,
  isAppealed,
  isOther,
  repeats,
} from "../../core/appeal.js";
import { type Ban, isCompanion, isInForce, rememberedUntilMs } from "../../core/ban.js";
import type { AddressKey, BanId } from "../../core/ids.js";
import { limits } from "../../core/limits.js";
import type { DecidedAppeal, ListedAppeal, NumberedBan } from "../../ports/moderation-store.js";
import { AppealLists } from "./appeal-lists.js";
import { lastNumbers, nextNumber, type Numbered } from "./database.js";

/** The latest ban of each network, with the appeals against them. Changes must run in a transaction. */
export class Bans {
  readonly #bans: Database<Ban, number>;
  readonly #numbers: Database<number, AddressKey>;
  readonly #last: Database<number, Numbered>;
  readonly #appeals: AppealLists;
  /** Number of the last ban that the current pass of `prune` has checked. */
  #pruned = 0;

  constructor(root: RootDatabase) {
    this.#bans = root.openDB({ name: "bans-by-number" });
    this.#numbers = root.openDB({ name: "ban-numbers" });
    this.#last = lastNumbers(root);
    this.#appeals = new AppealLists(root);
  }

  latest(addressKey: AddressKey): Ban | undefined {
    const number = this.#numbers.get(addressKey);
    return number === undefined ? undefined : this.#bans.get(number);
  }

  /** Returns whether there was room. */
  put(ban: Ban, nowMs: number, maxBans: number = limits.keptBans): boolean {
    const former = this.latest(ban.addressKey);
    const { entryCount } = this.#bans.getStats() as { entryCount: number };
    if (former === undefined && entryCount >= maxBans) return false;
    if (former !== undefined) this.#dropAppeal(former, nowMs);
    this.#write(ban, nowMs);
    return true;
  }

  list(range: { start: number; reverse?: boolean; limit: number }): NumberedBan[] {
    return [...this.#bans.getRange(range)].map(({ key: number, value }) => ({ ...value, number }));
  }

  /** Checks the next `limit` bans and deletes those no longer needed. Returns whether there are more. */
  prune(nowMs: number, limit: number): boolean {
    const some = this.list({ start: this.#pruned + 1, limit });
    for (const { number, ...ban } of some) {
      if (rememberedUntilMs(ban) > nowMs) continue;
      this.#dropAppeal(ban, nowMs);
      void this.#bans.remove(number);
      void this.#numbers.remove(ban.addressKey);
    }
    const isAtEnd = some.length < limit;
    this.#pruned = isAtEnd ? 0 : (some.at(-1)?.number ?? 0);
    return !isAtEnd;
  }

  /** @returns `repeated` for an appeal that is stored */
  fileAppeal(
    { addressKey, createdMs }: Pick<Ban, "addressKey" | "createdMs">,
    appeal: Appeal,
  ): "filed" | "repeated" | "exists" | "unknown" {
    const ban = this.latest(addressKey);
    const nowMs = appeal.createdMs;
    if (ban?.createdMs !== createdMs || !isInForce(ban, nowMs)) return "unknown";
    if (ban.appeal !== undefined) return isOther(appeal, ban.appeal) ? "exists" : "repeated";
    for (const one of this.#together(ban, nowMs)) this.#write({ ...one, appeal }, nowMs);
    this.#appeals.add("open", appeal.banId, addressKey, nowMs);
    return "filed";
  }

  /** @returns the ban, and those that were in force and are lifted */
  decideAppeal(banId: BanId, decision: AppealDecision): DecidedAppeal & { lifted: Ban[]; isNew: boolean } {
    const nothing = { lifted: [], isNew: false };
    const ban = this.#appealed(banId);
    if (ban === undefined) return { state: "unknown", ...nothing };
    const former = ban.appeal.decision;
    if (former !== undefined) return { state: repeats(decision, former) ? "decided" : "over", ban, ...nothing };
    const nowMs = decision.decidedMs;
    const both = this.#together(ban, nowMs);
    for (const one of both) this.#write(decided({ ...one, appeal: ban.appeal }, decision), nowMs);
    this.#appeals.add("decided", banId, ban.addressKey, nowMs);
    const lifted = decision.outcome === "reversed" ? both.filter((one) => isInForce(one, nowMs)) : [];
    return { state: "decided", ban: decided(ban, decision), lifted, isNew: true };
  }

  openAppeals(after: number, limit: number): ListedAppeal[] {
    return this.#listed(this.#appeals.after("open", after, limit));
  }

  decidedAppeals(before: number, limit: number): ListedAppeal[] {
    return this.#listed(this.#appeals.before("decided", before, limit));
  }

  #listed(places: { number: number; banId: BanId }[]): ListedAppeal[] {
    return places.flatMap(({ number, banId }) => {
      const ban = this.#appealed(banId);
      return ban === undefined ? [] : { ...ban, number };
    });
  }

  #appealed(banId: BanId): AppealedBan | undefined {
    const addressKey = this.#appeals.keyOf(banId);
    const ban = addressKey === undefined ? undefined : this.latest(addressKey);
    return ban !== undefined && isAppealed(ban) ? ban : undefined;
  }

  /** A ban, and its companion. */
  #together(ban: Ban, nowMs: number): Ban[] {
    const companion = ban.companion === undefined ? undefined : this.latest(ban.companion);
    return isCompanion(ban, companion, nowMs) ? [ban, companion] : [ban];
  }

  /** When a ban goes, its companion alone has the appeal. */
  #dropAppeal(ban: Ban, nowMs: number): void {
    if (ban.appeal === undefined || this.#appeals.keyOf(ban.appeal.banId) !== ban.addressKey) return;
    const [, companion] = this.#together(ban, nowMs);
    if (companion === undefined) this.#appeals.remove(ban.appeal.banId);
    else this.#appeals.assign(ban.appeal.banId, companion.addressKey);
  }

  /** Replaces the latest ban of a key, under a new number. */
  #write(ban: Ban, nowMs: number): void {
    const former = this.#numbers.get(ban.addressKey);
    if (former !== undefined) void this.#bans.remove(former);
    const number = nextNumber(this.#last, "ban", nowMs);
    void this.#numbers.put(ban.addressKey, number);
    void this.#bans.put(number, ban);
  }
}
