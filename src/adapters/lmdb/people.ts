import type { Database, RootDatabase } from "lmdb";
import type { AuditDraft } from "../../core/audit.js";
import type { PersonKey } from "../../core/ids.js";
import { limits } from "../../core/limits.js";
import type { PeopleStore, Standing, StoredPerson } from "../../ports/people-store.js";
import { AuditShelf } from "./audit-shelf.js";
import { commit, lastNumbers, nextNumber, type Numbered } from "./database.js";

type Kept = Omit<StoredPerson, "number">;
interface Revocation {
  issuedBeforeMs: number;
  madeMs: number;
}

/** The app's people in an embedded database file. A write is flushed to disk before it resolves. */
export class LmdbPeople implements PeopleStore {
  readonly #last: Database<number, Numbered>;
  readonly #people: Database<Kept, number>;
  readonly #numbers: Database<number, PersonKey>;
  readonly #revocations: Database<Revocation, PersonKey>;
  /** People by when they were seen last, and revocations by when they were made. */
  readonly #seen: Database<true, [number, PersonKey]>;
  readonly #revoked: Database<true, [number, PersonKey]>;
  readonly #audit: AuditShelf;

  constructor(private readonly root: RootDatabase) {
    this.#last = lastNumbers(root);
    this.#people = root.openDB({ name: "people-by-number" });
    this.#numbers = root.openDB({ name: "person-numbers" });
    this.#revocations = root.openDB({ name: "revocations" });
    this.#seen = root.openDB({ name: "people-seen" });
    this.#revoked = root.openDB({ name: "people-revoked" });
    this.#audit = new AuditShelf(root);
  }

  find(key: PersonKey): Promise<Standing> {
    const revokedBeforeMs = this.#revocations.get(key)?.issuedBeforeMs;
    return Promise.resolve({ person: this.#find(key), revokedBeforeMs });
  }

  note({ key, subject, nowMs }: Parameters<PeopleStore["note"]>[0], maxPeople?: number): Promise<boolean> {
    return commit(this.root, () => this.#note(key, subject, nowMs, maxPeople) !== undefined);
  }

  subjectsOf(keys: readonly PersonKey[]): Promise<(string | undefined)[]> {
    return Promise.resolve(keys.map((key) => this.#find(key)?.subject));
  }

  peopleBefore(number: number, limit: number): Promise<StoredPerson[]> {
    const range = this.#people.getRange({ start: number - 1, reverse: true, limit });
    return Promise.resolve([...range].map(({ key, value }) => ({ ...value, number: key })));
  }

  revoke({ key, issuedBeforeMs, nowMs }: Parameters<PeopleStore["revoke"]>[0], entry?: AuditDraft): Promise<void> {
    return commit(this.root, () => {
      this.#log(entry);
      const former = this.#revocations.get(key);
      if (former !== undefined) void this.#revoked.remove([former.madeMs, key]);
      const latest = Math.max(issuedBeforeMs, former?.issuedBeforeMs ?? 0);
      void this.#revocations.put(key, { issuedBeforeMs: latest, madeMs: nowMs });
      void this.#revoked.put([nowMs, key], true);
    });
  }

  block(
    { key, subject, other, nowMs }: Parameters<PeopleStore["block"]>[0],
    entry?: AuditDraft,
    maxBlocked: number = limits.blockedPeople,
  ): Promise<boolean> {
    return commit(this.root, () => {
      const person = this.#note(key, subject, nowMs);
      if (person === undefined) return false;
      const isBlocked = person.blocked.includes(other);
      if (!isBlocked && person.blocked.length >= maxBlocked) return false;
      if (!isBlocked) this.#put({ ...person, blocked: [...person.blocked, other] });
      this.#log(entry);
      return true;
    });
  }

  unblock({ key, other }: Parameters<PeopleStore["unblock"]>[0], entry?: AuditDraft): Promise<boolean> {
    return commit(this.root, () => {
      this.#log(entry);
      const person = this.#find(key);
      if (person?.blocked.includes(other) !== true) return false;
      this.#put({ ...person, blocked: person.blocked.filter((one) => one !== other) });
      return true;
    });
  }

  forget(key: PersonKey, entry?: AuditDraft): Promise<boolean> {
    return commit(this.root, () => {
      this.#log(entry);
      return this.#drop(key);
    });
  }

  prune({ beforeMs, limit }: { beforeMs: number; limit: number }): Promise<boolean> {
    return commit(this.root, () => {
      const due = { end: [beforeMs, "" as PersonKey] as [number, PersonKey], limit };
      const [seen, revoked] = [[...this.#seen.getKeys(due)], [...this.#revoked.getKeys(due)]];
      for (const [, key] of seen) this.#drop(key);
      for (const made of revoked) {
        void this.#revoked.remove(made);
        void this.#revocations.remove(made[1]);
      }
      return seen.length === limit || revoked.length === limit;
    });
  }

  #log(entry: AuditDraft | undefined): void {
    if (entry !== undefined) this.#audit.add(entry, entry.atMs);
  }

  #find(key: PersonKey): StoredPerson | undefined {
    const number = this.#numbers.get(key);
    const kept = number === undefined ? undefined : this.#people.get(number);
    return number === undefined || kept === undefined ? undefined : { ...kept, number };
  }

  /** Returns the person; undefined if there is no room for it. */
  #note(
    key: PersonKey,
    subject: string,
    nowMs: number,
    maxPeople: number = limits.keptPeople,
  ): StoredPerson | undefined {
    const known = this.#find(key);
    if (known === undefined && this.#count() >= maxPeople) return undefined;
    const number = known?.number ?? nextNumber(this.#last, "person", nowMs);
    const { firstSeenMs = nowMs, blocked = [] } = known ?? {};
    const person = { key, subject, number, firstSeenMs, lastSeenMs: nowMs, blocked };
    if (known !== undefined) void this.#seen.remove([known.lastSeenMs, key]);
    void this.#seen.put([nowMs, key], true);
    void this.#numbers.put(key, number);
    this.#put(person);
    return person;
  }

  #count(): number {
    return (this.#people.getStats() as { entryCount: number }).entryCount;
  }

  #put({ number, ...kept }: StoredPerson): void {
    void this.#people.put(number, kept);
  }

  /** Returns whether there was such a person. */
  #drop(key: PersonKey): boolean {
    const person = this.#find(key);
    if (person === undefined) return false;
    void this.#people.remove(person.number);
    void this.#numbers.remove(key);
    void this.#seen.remove([person.lastSeenMs, key]);
    return true;
  }
}
