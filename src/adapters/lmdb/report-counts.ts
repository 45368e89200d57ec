import type { Database, RootDatabase } from "lmdb";
import {
  automaticBan,
  type Ban,
  type BanRules,
  countsSinceMs,
  isInForce,
  levelOf,
  reportersFor,
} from "../../core/ban.js";
import type { AddressKey, NetworkKey } from "../../core/ids.js";
import { levelsOf, narrowestOf, widestOf } from "../../core/network-key.js";
import { revisionAt } from "../../core/revision.js";
import { blockOf, counts, COUNTED_MS, countedOfBlock, type Report } from "../../core/report.js";

interface Counted {
  reporter: AddressKey;
  reported: NetworkKey;
  /** The block of addresses whose share it counts towards; missing in files of older versions. */
  block?: AddressKey;
}

/** Max outdated counts deleted with each new one, so that they do not accumulate. */
const FORGOTTEN_AT_ONCE = 16;

/**
 * Which reports count against which networks. A report counts for a day, even if it is deleted earlier. A reporter
 * counts as its widest network; a reported session is counted for each of its networks. Must run in a transaction.
 */
export class ReportCounts {
  readonly #counted: Database<Counted, number>;
  /** Counts by reported network, and by reporter. The value is the other network. */
  readonly #about: Database<AddressKey, [AddressKey, number]>;
  readonly #by: Database<AddressKey, [AddressKey, number]>;
  /** Number of counts of each block of addresses. */
  readonly #ofBlocks: Database<number, AddressKey>;

  constructor(root: RootDatabase) {
    this.#counted = root.openDB({ name: "counted" });
    this.#about = root.openDB({ name: "counted-about" });
    this.#by = root.openDB({ name: "counted-by" });
    this.#ofBlocks = root.openDB({ name: "counted-of-blocks" });
  }

  /** Counts a report if the rules and the limits allow it. Returns whether it counts. */
  add(report: Report, number: number, max: number): boolean {
    this.forget(report.createdMs, FORGOTTEN_AT_ONCE);
    const { entryCount } = this.#counted.getStats() as { entryCount: number };
    const [reporter, reported] = [widestOf(report.reporterKey), report.reportedKey];
    const [block, inBlock] = [blockOf(report), this.#ofBlocks.get(blockOf(report)) ?? 0];
    if (entryCount >= max || inBlock >= countedOfBlock(max)) return false;
    if (!counts(report, this.#countedBy(reporter, report.createdMs))) return false;
    void this.#counted.put(number, { reporter, reported, block });
    void this.#ofBlocks.put(block, inBlock + 1);
    void this.#by.put([reporter, number], narrowestOf(reported));
    for (const level of levelsOf(reported)) void this.#about.put([level, number], reporter);
    return true;
  }

  /** The ban that the counted reports lead to: of the widest network that has enough; undefined if none has. */
  banOn(reported: NetworkKey, latest: (key: AddressKey) => Ban | undefined, rules: BanRules, nowMs: number) {
    const levels = levelsOf(reported);
    let sinceMs = 0;
    for (const [index, key] of [...levels.entries()].reverse()) {
      const level = levelOf(levels, index);
      const former = latest(key);
      if (isInForce(former, nowMs)) return undefined;
      sinceMs = Math.max(sinceMs, countsSinceMs(former, nowMs)); // a lifted ban also covers the networks within
      const ban = automaticBan(key, this.#against(key, sinceMs, reportersFor(level, rules)), rules, nowMs, level);
      if (ban !== undefined) return ban;
    }
    return undefined;
  }

  /** Deletes at most `limit` outdated counts. Returns whether there may be more. */
  forget(nowMs: number, limit: number): boolean {
    const old = [...this.#counted.getRange({ end: revisionAt(nowMs - COUNTED_MS), limit })];
    for (const { key: number, value } of old) {
      void this.#counted.remove(number);
      void this.#by.remove([value.reporter, number]);
      if (value.block !== undefined) this.#takeFrom(value.block);
      for (const level of levelsOf(value.reported)) void this.#about.remove([level, number]);
    }
    return old.length === limit;
  }

  #takeFrom(block: AddressKey): void {
    const left = (this.#ofBlocks.get(block) ?? 0) - 1;
    if (left > 0) void this.#ofBlocks.put(block, left);
    else void this.#ofBlocks.remove(block);
  }

  /** The networks against which a reporter counts already. */
  #countedBy(reporter: AddressKey, nowMs: number): Set<AddressKey> {
    const start: [AddressKey, number] = [reporter, revisionAt(nowMs - COUNTED_MS)];
    return new Set([...this.#by.getRange({ start, end: [reporter, Infinity] })].map(({ value }) => value));
  }

  /** Number of networks that count against a network, up to `enough`. */
  #against(key: AddressKey, sinceMs: number, enough: number): number {
    const reporters = new Set<AddressKey>();
    for (const { value } of this.#about.getRange({ start: [key, revisionAt(sinceMs)], end: [key, Infinity] })) {
      if (reporters.add(value).size >= enough) break;
    }
    return reporters.size;
  }
}
