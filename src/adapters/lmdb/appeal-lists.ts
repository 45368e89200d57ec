import type { Database, RootDatabase } from "lmdb";
import type { AddressKey, BanId } from "../../core/ids.js";
import { lastNumbers, nextNumber, type Numbered } from "./database.js";

type ListName = "open" | "decided";

/** Where an appeal is listed, and the key of a ban that has it. */
interface Listed {
  list: ListName;
  number: number;
  addressKey: AddressKey;
}

/** The lists of open and of decided appeals. Changes must run in a transaction. */
export class AppealLists {
  readonly #lists: Database<BanId, [ListName, number]>;
  readonly #listed: Database<Listed, BanId>;
  readonly #last: Database<number, Numbered>;

  constructor(root: RootDatabase) {
    this.#lists = root.openDB({ name: "appeals" });
    this.#listed = root.openDB({ name: "appeals-listed" });
    this.#last = lastNumbers(root);
  }

  keyOf(banId: BanId): AddressKey | undefined {
    return this.#listed.get(banId)?.addressKey;
  }

  /** Puts an appeal at the end of a list, and takes it out of the other one. */
  add(list: ListName, banId: BanId, addressKey: AddressKey, nowMs: number): void {
    this.remove(banId);
    const number = nextNumber(this.#last, "appeal", nowMs);
    void this.#lists.put([list, number], banId);
    void this.#listed.put(banId, { list, number, addressKey });
  }

  /** Keeps the place of an appeal when the ban of another key has it from now on. */
  assign(banId: BanId, addressKey: AddressKey): void {
    const listed = this.#listed.get(banId);
    if (listed !== undefined) void this.#listed.put(banId, { ...listed, addressKey });
  }

  remove(banId: BanId): void {
    const listed = this.#listed.get(banId);
    if (listed === undefined) return;
    void this.#lists.remove([listed.list, listed.number]);
    void this.#listed.remove(banId);
  }

  after(list: ListName, number: number, limit: number): { number: number; banId: BanId }[] {
    return this.#range({ start: [list, number + 1], end: [list, Infinity], limit });
  }

  before(list: ListName, number: number, limit: number): { number: number; banId: BanId }[] {
    return this.#range({ start: [list, number - 1], end: [list, 0], reverse: true, limit });
  }

  #range(range: { start: [ListName, number]; end: [ListName, number]; reverse?: boolean; limit: number }) {
    return [...this.#lists.getRange(range)].map(({ key: [, number], value: banId }) => ({ number, banId }));
  }
}
