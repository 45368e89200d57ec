import type { Ban } from "../core/ban.js";
import { personAudit, requestAudit } from "../core/audit.js";
import type { Moderator } from "../core/case.js";
import { DomainError, isStoreAway } from "../core/errors.js";
import type { PersonKey } from "../core/ids.js";
import { CLOSED_AT_ONCE } from "../core/limits.js";
import type { CaseStore } from "../ports/case-store.js";
import type { Clock } from "../ports/clock.js";
import type { LobbyMaintenance } from "../ports/lobby-maintenance.js";
import type { CloseReason } from "../ports/mailbox.js";
import type { PeopleRecords, StoredPerson } from "../ports/people-store.js";
import type { Bans } from "./bans.js";
import type { Person } from "./identities.js";
import { type Page, NEWEST, pageOf } from "./pagination.js";

/** How often the time at which a person was seen is stored, in milliseconds. */
const NOTE_MS = 60 * 60_000;
const MAX_NOTED = 20_000;
/** How far the clock of the app may be ahead of this server's, in milliseconds. */
const LEEWAY_MS = 60_000;

interface PeopleDependencies {
  store: PeopleRecords;
  lobby: Pick<LobbyMaintenance, "block" | "unblock" | "closeSessions">;
  bans: Pick<Bans, "banOf">;
  log: Pick<CaseStore, "logAct">;
  /** Derives the key of a subject. */
  keyOf: (subject: string) => PersonKey;
  clock: Clock;
  onError: (error: unknown) => void;
}

export interface PersonDetails {
  person: StoredPerson;
  /** Each with its subject, if it is stored. */
  blocked: readonly { key: PersonKey; subject: string | undefined }[];
  revokedBeforeMs: number | undefined;
  ban: Ban | undefined;
}

/** The app's people: whom they blocked, and which of their tokens are revoked. */
export class People {
  /** When this instance stored that a person was seen, the oldest first. */
  readonly #notedMs = new Map<PersonKey, number>();

  constructor(private readonly deps: PeopleDependencies) {}

  /**
   * Returns whom a person has blocked.
   * @throws DomainError `identity_refused` for a revoked token
   */
  async admit({ key, issuedMs }: Person): Promise<readonly PersonKey[]> {
    const { person, revokedBeforeMs = 0 } = await this.deps.store.find(key);
    if ((issuedMs ?? 0) >= revokedBeforeMs) return person?.blocked ?? [];
    throw new DomainError("identity_refused", "identity_token: it is revoked; sign in again", {
      field: "identity_token",
      problem: "revoked",
    });
  }

  /**
   * Applies to a new session what changed while it was being opened: closes it if the person's tokens were revoked, and
   * adds what the person has blocked. Then stores that the person was seen, without waiting.
   * @param blocked those that the session was opened with
   * @throws DomainError `identity_refused` for a revoked token
   */
  async admitLate(person: Person, blocked: readonly PersonKey[]): Promise<void> {
    const { lobby, clock } = this.deps;
    const { key } = person;
    try {
      const added = (await this.admit(person)).filter((other) => !blocked.includes(other));
      for (const other of added) await lobby.block({ person: key, other, nowMs: clock.nowMs() });
    } catch (error) {
      if (error instanceof DomainError && error.reason === "identity_refused") await this.#close(key, "removed");
      throw error;
    }
    this.#note(person).catch(this.deps.onError);
  }

  /** Closes the oldest sessions of a person that has more than `max`. */
  async closeExcess(key: PersonKey, max: number): Promise<void> {
    await this.#close(key, "superseded", max);
  }

  /** Returns the key of a subject, stored or not. */
  keyOf(subject: string): PersonKey {
    return this.deps.keyOf(subject);
  }

  /** @throws DomainError `person_unknown` */
  async get(subject: string): Promise<PersonDetails> {
    const { store, bans, keyOf } = this.deps;
    const key = keyOf(subject);
    const { person, revokedBeforeMs } = await store.find(key);
    if (person === undefined) {
      throw new DomainError("person_unknown", "subject: no such person is stored", { field: "subject" });
    }
    const subjects = await store.subjectsOf(person.blocked);
    const blocked = person.blocked.map((one, index) => ({ key: one, subject: subjects[index] }));
    return { person, blocked, revokedBeforeMs, ban: bans.banOf(key) };
  }

  /** Lists people, those that were stored last first. */
  async list(size: number, before = NEWEST): Promise<Page<StoredPerson>> {
    return pageOf(await this.deps.store.peopleBefore(before, size), size);
  }

  /** Closes the sessions of a person. Returns how many there were. Not done unless it is logged (`RequestedAct`). */
  async closeSessions(subject: string, by: Moderator): Promise<number> {
    const { log, clock, keyOf } = this.deps;
    const key = keyOf(subject);
    await log.logAct({ ...requestAudit("sessions_closed", key, by), atMs: clock.nowMs() });
    return this.#close(key, "removed");
  }

  /**
   * Revokes the tokens issued before a time, by default now, and closes the sessions of the person.
   * @returns how many there were
   * @throws DomainError `field_invalid` for a time in the future
   */
  async revoke(subject: string, issuedBeforeMs: number | undefined, by: Moderator): Promise<number> {
    const { store, clock, keyOf } = this.deps;
    const [key, nowMs] = [keyOf(subject), clock.nowMs()];
    if (issuedBeforeMs !== undefined && issuedBeforeMs > nowMs + LEEWAY_MS) {
      const message = "issued_before_time: must not be in the future, as new tokens would be refused";
      throw new DomainError("field_invalid", message, { field: "issued_before_time" });
    }
    const entry = { ...personAudit("tokens_revoked", [key], by), atMs: nowMs };
    await store.revoke({ key, issuedBeforeMs: issuedBeforeMs ?? nowMs, nowMs }, entry);
    return this.#close(key, "removed");
  }

  /**
   * Keeps two people apart, first in the store, so that a session that one of them is opening gets the block.
   * @throws DomainError `field_invalid`, `limit_reached`
   */
  async block(subject: string, otherSubject: string, by: Moderator): Promise<void> {
    const { store, lobby, clock, keyOf } = this.deps;
    const [key, other, nowMs] = [keyOf(subject), keyOf(otherSubject), clock.nowMs()];
    if (key === other) {
      throw new DomainError("field_invalid", "other_subject: must be another person", { field: "other_subject" });
    }
    const entry = { ...personAudit("person_blocked", [key, other], by), atMs: nowMs };
    if (!(await store.block({ key, subject, other, nowMs }, entry))) {
      throw new DomainError("limit_reached", "there is no room for further blocks of this person");
    }
    await lobby.block({ person: key, other, nowMs });
  }

  /** @returns whether there was such a block */
  async unblock(subject: string, otherSubject: string, by: Moderator): Promise<boolean> {
    const { store, lobby, clock, keyOf } = this.deps;
    const [key, other] = [keyOf(subject), keyOf(otherSubject)];
    const entry = { ...personAudit("person_unblocked", [key, other], by), atMs: clock.nowMs() };
    const wasBlocked = await store.unblock({ key, other }, entry);
    await lobby.unblock({ person: key, other });
    return wasBlocked;
  }

  /** Keeps the sides of a reported match apart for good. Has no effect on people who are not stored. */
  async blockReported(reporter: PersonKey, reported: PersonKey): Promise<void> {
    const { store, lobby, clock } = this.deps;
    const [subject] = await store.subjectsOf([reporter]);
    if (subject === undefined) return;
    const nowMs = clock.nowMs();
    await store.block({ key: reporter, subject, other: reported, nowMs });
    await lobby.block({ person: reporter, other: reported, nowMs });
  }

  /**
   * Closes the sessions of a person, and deletes its subject and its blocks. What is logged of it is the key.
   * @returns whether it was stored
   */
  async forget(subject: string, by: Moderator): Promise<boolean> {
    const { store, clock, keyOf } = this.deps;
    const key = keyOf(subject);
    await this.#close(key, "removed");
    this.#notedMs.delete(key);
    return store.forget(key, { ...personAudit("person_forgotten", [key], by), atMs: clock.nowMs() });
  }

  /** Returns the subjects of those people that are stored. */
  async subjectsOf(keys: readonly PersonKey[]): Promise<ReadonlyMap<PersonKey, string>> {
    const unique = [...new Set(keys)];
    const subjects = await this.deps.store.subjectsOf(unique);
    const found = unique.map((key, index) => [key, subjects[index]] as const);
    return new Map(found.filter((one): one is [PersonKey, string] => one[1] !== undefined));
  }

  async #close(key: PersonKey, reason: Extract<CloseReason, "superseded" | "removed">, keep = 0): Promise<number> {
    const { lobby, clock } = this.deps;
    const closing = { addressKey: key, reason, keep, limit: CLOSED_AT_ONCE };
    let total = 0;
    for (;;) {
      const { closed } = await lobby.closeSessions({ ...closing, nowMs: clock.nowMs() });
      total += closed;
      if (closed < CLOSED_AT_ONCE) return total;
    }
  }

  /** Resolves although the store is away: a session does not depend on it. */
  async #note({ key, subject }: Person): Promise<void> {
    const nowMs = this.deps.clock.nowMs();
    const notedMs = this.#notedMs.get(key);
    if (notedMs !== undefined && nowMs - notedMs < NOTE_MS) return;
    this.#keepNoted(key, nowMs);
    try {
      await this.deps.store.note({ key, subject, nowMs });
    } catch (error) {
      this.#notedMs.delete(key);
      if (!isStoreAway(error)) throw error;
    }
  }

  #keepNoted(key: PersonKey, nowMs: number): void {
    this.#notedMs.delete(key);
    this.#notedMs.set(key, nowMs);
    if (this.#notedMs.size <= MAX_NOTED) return;
    const [oldest] = this.#notedMs.keys();
    if (oldest !== undefined) this.#notedMs.delete(oldest);
  }
}
