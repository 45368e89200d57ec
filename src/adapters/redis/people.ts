import type { AuditDraft } from "../../core/audit.js";
import type { PersonKey } from "../../core/ids.js";
import { limits } from "../../core/limits.js";
import type { PeopleStore, Standing, StoredPerson } from "../../ports/people-store.js";
import { draftArgs } from "./case-store.js";
import type { ScriptRunner } from "./script-runner.js";

/** Reply of the scripts about one person. */
type Stored = [number: string, key: PersonKey, subject: string, first: string, last: string, blocked: PersonKey[]];

/** The app's people in Redis. Durability depends on how its append-only file is configured. */
export class RedisPeople implements PeopleStore {
  constructor(private readonly store: ScriptRunner) {}

  async find(key: PersonKey): Promise<Standing> {
    const [revokedBefore, ...stored] = (await this.store.run("find_person", key)) as [string] | [string, ...Stored];
    const revokedBeforeMs = revokedBefore === "" ? undefined : Number(revokedBefore);
    return { person: stored.length === 0 ? undefined : toPerson(stored), revokedBeforeMs };
  }

  async note(
    { key, subject, nowMs }: Parameters<PeopleStore["note"]>[0],
    maxPeople: number = limits.keptPeople,
  ): Promise<boolean> {
    return (await this.store.run("note_person", key, subject, nowMs, maxPeople)) === 1;
  }

  async subjectsOf(keys: readonly PersonKey[]): Promise<(string | undefined)[]> {
    if (keys.length === 0) return [];
    const found = (await this.store.run("subjects_of", ...keys)) as string[];
    return found.map((subject) => subject || undefined);
  }

  async peopleBefore(number: number, limit: number): Promise<StoredPerson[]> {
    return ((await this.store.run("list_people", number, limit)) as Stored[]).map(toPerson);
  }

  async revoke(
    { key, issuedBeforeMs, nowMs }: Parameters<PeopleStore["revoke"]>[0],
    entry?: AuditDraft,
  ): Promise<void> {
    await this.store.run("revoke_tokens", key, issuedBeforeMs, nowMs, ...draftArgs(entry));
  }

  async block(
    { key, subject, other, nowMs }: Parameters<PeopleStore["block"]>[0],
    entry?: AuditDraft,
    maxBlocked: number = limits.blockedPeople,
  ): Promise<boolean> {
    const args = [key, subject, nowMs, limits.keptPeople, other, maxBlocked, ...draftArgs(entry)];
    return (await this.store.run("block_person", ...args)) === 1;
  }

  async unblock({ key, other }: Parameters<PeopleStore["unblock"]>[0], entry?: AuditDraft): Promise<boolean> {
    return (await this.store.run("unblock_person", key, other, ...draftArgs(entry))) === 1;
  }

  async forget(key: PersonKey, entry?: AuditDraft): Promise<boolean> {
    return (await this.store.run("forget_person", key, ...draftArgs(entry))) === 1;
  }

  async prune({ beforeMs, limit }: { beforeMs: number; limit: number }): Promise<boolean> {
    return (await this.store.run("prune_people", beforeMs, limit)) === 1;
  }
}

function toPerson([number, key, subject, first, last, blocked]: Stored): StoredPerson {
  return { number: Number(number), key, subject, firstSeenMs: Number(first), lastSeenMs: Number(last), blocked };
}
