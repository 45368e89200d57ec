import type { AuditDraft } from "../core/audit.js";
import type { PersonKey } from "../core/ids.js";

/**
 * What is kept about the app's people, across sessions and the process. Every verb is one atomic step and safe to repeat;
 * its changes are durable when it resolves. This store alone holds subjects. What operators do is given with an entry for
 * the audit log, which is added in the same step, unless the verb returns that there is no room.
 */
export interface PeopleRecords {
  find(key: PersonKey): Promise<Standing>;
  /**
   * Stores when a person was seen last, and its subject.
   * @returns false if the person is new and there are `maxPeople` (by default `limits.keptPeople`)
   */
  note(seen: Named & { nowMs: number }, maxPeople?: number): Promise<boolean>;
  /** Returns the subjects of people, each undefined if it is not stored, in the order of the keys. */
  subjectsOf(keys: readonly PersonKey[]): Promise<(string | undefined)[]>;
  /** Returns people with a lower number, the newest first, at most `limit`. */
  peopleBefore(number: number, limit: number): Promise<StoredPerson[]>;
  /** Revokes the tokens that were issued before a time, unless those before a later one are revoked. */
  revoke(revocation: { key: PersonKey; issuedBeforeMs: number; nowMs: number }, entry?: AuditDraft): Promise<void>;
  /**
   * Stores a block, and the person as in `note`.
   * @returns false if there is no room for the person, or it has blocked `maxBlocked` (by default `limits.blockedPeople`)
   */
  block(block: Named & { other: PersonKey; nowMs: number }, entry?: AuditDraft, maxBlocked?: number): Promise<boolean>;
  /** @returns whether there was such a block */
  unblock(block: { key: PersonKey; other: PersonKey }, entry?: AuditDraft): Promise<boolean>;
  /** Deletes what is stored about a person except a revocation, which holds no subject. @returns whether there was any */
  forget(key: PersonKey, entry?: AuditDraft): Promise<boolean>;
}

export interface PeopleMaintenance {
  /**
   * Drops people last seen, and revocations made, before a time, at most `limit` of each.
   * @returns whether there may be more
   */
  prune(due: { beforeMs: number; limit: number }): Promise<boolean>;
}

export type PeopleStore = PeopleRecords & PeopleMaintenance;

interface Named {
  key: PersonKey;
  subject: string;
}

export interface Standing {
  person: StoredPerson | undefined;
  /** Tokens issued before are refused. */
  revokedBeforeMs: number | undefined;
}

export interface StoredPerson extends Named {
  /** Orders people by when they were stored first (`nextRevision`). */
  number: number;
  firstSeenMs: number;
  lastSeenMs: number;
  blocked: readonly PersonKey[];
}
