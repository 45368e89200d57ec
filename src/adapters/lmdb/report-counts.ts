import type { Database, RootDatabase } from "lmdb";
import { automaticBan, type Ban, type BanRules, countsSinceMs, isInForce, reportersFor } from "../../core/ban.js";
import type { AddressKey, NetworkKey } from "../../core/ids.js";
import { levelsOf, narrowestOf, widestOf } from "../../core/network-key.js";
import { revisionAt } from "../../core/revision.js";
import { blockOf, counts, COUNTED_MS, countedOfBlock, type Report } from "../../core/report.js";

interface Counted {
  reporter: AddressKey;
  reported: NetworkKey;
  /** The block of addresses whose share it takes from; not there in files of before there were shares. */
  block?: AddressKey;
}

/** How many outdated counts are forgotten with each new one, so that they never pile up. */
const FORGOTTEN_AT_ONCE = 16;

/**
 * Which reports count against whom, for a day, whatever becomes of the reports. A reporter is the widest network that it
 * is part of; the reported one is counted for each of its networks. To run in a transaction.
 */
export class ReportCounts {
  readonly #counted: Database<Counted, number>;
  /** By whom they are about and by who made them; the other network is the value. */
  readonly #about: Database<AddressKey, [AddressKey, number]>;
  readonly #by: Database<AddressKey, [AddressKey, number]>;

  /** How many there are of each block of addresses. */
  readonly #ofBlocks: Database<number, AddressKey>;

  constructor(root: RootDatabase) {
    this.#counted = root.openDB({ name: "counted" });
    this.#about = root.openDB({ name: "counted-about" });
    this.#by = root.openDB({ name: "counted-by" });
    this.#ofBlocks = root.openDB({ name: "counted-of-blocks" });
  }

  /** Lets a report count if it may, beside at most `most` others, of which a part are of its block. */
  add(report: Report, number: number, most: number): boolean {
    this.forget(report.createdMs, FORGOTTEN_AT_ONCE);
    const { entryCount } = this.#counted.getStats() as { entryCount: number };
    const [reporter, reported] = [widestOf(report.reporterKey), report.reportedKey];
    const [block, inBlock] = [blockOf(report), this.#ofBlocks.get(blockOf(report)) ?? 0];
    if (entryCount >= most || inBlock >= countedOfBlock(most)) return false;
    if (!counts(report, this.#countedBy(reporter, report.createdMs))) return false;
    void this.#counted.put(number, { reporter, reported, block });
    void this.#ofBlocks.put(block, inBlock + 1);
    void this.#by.put([reporter, number], narrowestOf(reported));
    for (const level of levelsOf(reported)) void this.#about.put([level, number], reporter);
    return true;
  }

  /** The ban that all that counts against a network leads to: on the widest that it is part of. */
  banOn(reported: NetworkKey, latest: (key: AddressKey) => Ban | undefined, rules: BanRules, nowMs: number) {
    const levels = levelsOf(reported);
    let sinceMs = 0;
    for (const [level, key] of [...levels.entries()].reverse()) {
      const former = latest(key);
      if (isInForce(former, nowMs)) return undefined;
      sinceMs = Math.max(sinceMs, countsSinceMs(former, nowMs)); // what was forgiven of all is so of a part
      const ban = automaticBan(key, this.#against(key, sinceMs, reportersFor(level, rules)), rules, nowMs, level);
      if (ban !== undefined) return ban;
    }
    return undefined;
  }

  /** Forgets what counts no more, at most `limit`; returns whether there may be more. */
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

  /** Against whom a network counts already. */
  #countedBy(reporter: AddressKey, nowMs: number): Set<AddressKey> {
    const start: [AddressKey, number] = [reporter, revisionAt(nowMs - COUNTED_MS)];
    return new Set([...this.#by.getRange({ start, end: [reporter, Infinity] })].map(({ value }) => value));
  }

  /** How many networks count against one; no more than `enough` are looked for. */
  #against(key: AddressKey, sinceMs: number, enough: number): number {
    const reporters = new Set<AddressKey>();
    for (const { value } of this.#about.getRange({ start: [key, revisionAt(sinceMs)], end: [key, Infinity] })) {
      if (reporters.add(value).size >= enough) break;
    }
    return reporters.size;
  }
}
