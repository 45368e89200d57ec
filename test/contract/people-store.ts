import { afterEach, beforeEach, expect, it } from "vitest";
import type { AuditDraft } from "../../src/core/audit.js";
import type { Moderator } from "../../src/core/case.js";
import type { PersonKey } from "../../src/core/ids.js";
import type { PeopleStore } from "../../src/ports/people-store.js";
import type { OpenStores, StoreFixture } from "../support/store-fixture.js";

const START_MS = 1_800_000_000_000;
const LAST = Number.MAX_SAFE_INTEGER;
const keyOf = (subject: string) => `~${subject}` as PersonKey;
const named = (subject: string) => ({ key: keyOf(subject), subject });

/** The contract of every store of people. */
export function peopleStoreContract(create: () => Promise<StoreFixture>): void {
  let fixture: StoreFixture;
  let stores: OpenStores;
  let people: PeopleStore;
  beforeEach(async () => {
    fixture = await create();
    stores = await fixture.open();
    people = stores.people;
  });
  afterEach(async () => {
    await stores.close();
    await fixture.remove();
  });

  const note = (subject: string, nowMs = START_MS, maxPeople?: number) =>
    people.note({ ...named(subject), nowMs }, maxPeople);
  const block = (subject: string, other: string, maxBlocked?: number) =>
    people.block({ ...named(subject), other: keyOf(other), nowMs: START_MS }, undefined, maxBlocked);
  const revoke = (subject: string, issuedBeforeMs: number) =>
    people.revoke({ key: keyOf(subject), issuedBeforeMs, nowMs: START_MS });
  const find = (subject: string) => people.find(keyOf(subject));
  const subjects = async (number = LAST, limit = 10) =>
    (await people.peopleBefore(number, limit)).map(({ subject }) => subject);

  it("knows nothing about a stranger", async () => {
    expect(await find("ann")).toEqual({ person: undefined, revokedBeforeMs: undefined });
    expect(await people.unblock({ key: keyOf("ann"), other: keyOf("bob") })).toBe(false);
    expect(await people.forget(keyOf("ann"))).toBe(false);
  });

  it("logs what operators do, in the same step, unless there is no room", async () => {
    const by = 'ann "%s" “x”' as Moderator;
    const [ann, bob] = [keyOf("ann"), keyOf("bob")];
    const entry = (act: AuditDraft["act"]): AuditDraft => ({ act, by, detail: ann, atMs: START_MS + 5 });
    await people.revoke({ key: ann, issuedBeforeMs: START_MS, nowMs: START_MS }, entry("tokens_revoked"));
    const blocked = { ...named("ann"), other: bob, nowMs: START_MS };
    expect(await people.block(blocked, entry("person_blocked"), 0)).toBe(false);
    expect(await people.block(blocked, entry("person_blocked"))).toBe(true);
    await people.unblock({ key: ann, other: bob }, entry("person_unblocked"));
    await people.forget(ann, entry("person_forgotten"));
    const logged = await stores.cases.auditBefore(LAST, 10);
    const acts = ["person_forgotten", "person_unblocked", "person_blocked", "tokens_revoked"] as const;
    const number = expect.any(Number) as number;
    expect(logged).toEqual(acts.map((act) => ({ ...entry(act), number })));
  });

  it("logs nothing without an entry", async () => {
    await block("ann", "bob");
    await revoke("ann", START_MS);
    await people.unblock({ key: keyOf("ann"), other: keyOf("bob") });
    await people.forget(keyOf("ann"));
    expect(await stores.cases.auditBefore(LAST, 10)).toEqual([]);
  });

  it("stores when a person was seen first and last", async () => {
    const subject = "ann “of” the\u00e9 😀 {0} %s\\";
    expect(await note(subject)).toBe(true);
    expect(await note(subject, START_MS + 5_000)).toBe(true);
    const { person } = await find(subject);
    expect(person).toMatchObject({
      ...named(subject),
      firstSeenMs: START_MS,
      lastSeenMs: START_MS + 5_000,
      blocked: [],
    });
    expect(await people.peopleBefore(LAST, 10)).toEqual([person]);
  });

  it("lists people, the newest first, in pages that changes do not shift", async () => {
    for (const subject of ["ann", "bob", "cyd"]) await note(subject);
    const [, second] = await people.peopleBefore(LAST, 2);
    await note("ann", START_MS + 1_000);
    await note("dan");
    expect(second?.subject).toBe("bob");
    expect(await subjects(second?.number)).toEqual(["ann"]);
    expect(await subjects()).toEqual(["dan", "cyd", "bob", "ann"]);
  });

  it("returns the subjects of those that are stored", async () => {
    for (const subject of ["ann", "bob"]) await note(subject);
    expect(await people.subjectsOf(["bob", "cyd", "ann"].map(keyOf))).toEqual(["bob", undefined, "ann"]);
    expect(await people.subjectsOf([])).toEqual([]);
  });

  it("stores a limited number of people; known ones stay", async () => {
    for (const subject of ["ann", "bob"]) expect(await note(subject, START_MS, 2)).toBe(true);
    expect(await note("cyd", START_MS, 2)).toBe(false);
    expect(await note("ann", START_MS + 1, 2)).toBe(true);
    expect(await subjects()).toEqual(["bob", "ann"]);
  });

  it("keeps the latest time before which tokens are revoked, also of a stranger", async () => {
    for (const ms of [START_MS - 2, START_MS, START_MS - 1]) await revoke("ann", ms);
    expect(await find("ann")).toEqual({ person: undefined, revokedBeforeMs: START_MS });
    await note("ann");
    expect(await find("ann")).toMatchObject({ person: { subject: "ann" }, revokedBeforeMs: START_MS });
    expect((await find("bob")).revokedBeforeMs).toBeUndefined();
  });

  it("keeps blocks in order, each once, until they are removed", async () => {
    for (const other of ["zoe", "bob", "cyd", "bob"]) expect(await block("ann", other)).toBe(true);
    expect((await find("ann")).person?.blocked).toEqual(["zoe", "bob", "cyd"].map(keyOf));
    expect(await people.unblock({ key: keyOf("ann"), other: keyOf("bob") })).toBe(true);
    expect(await people.unblock({ key: keyOf("ann"), other: keyOf("bob") })).toBe(false);
    await note("ann", START_MS + 1);
    expect((await find("ann")).person?.blocked).toEqual(["zoe", "cyd"].map(keyOf));
    expect((await find("zoe")).person).toBeUndefined();
  });

  it("keeps a limited number of blocks of a person", async () => {
    for (const other of ["bob", "cyd"]) expect(await block("ann", other, 2)).toBe(true);
    expect(await block("ann", "dan", 2)).toBe(false);
    expect(await block("ann", "bob", 2)).toBe(true);
    expect(await block("bob", "dan", 2)).toBe(true);
  });

  it("forgets a person, but not that its tokens are revoked", async () => {
    await block("ann", "bob");
    await note("bob");
    await revoke("ann", START_MS);
    expect(await people.forget(keyOf("ann"))).toBe(true);
    expect(await people.forget(keyOf("ann"))).toBe(false);
    expect(await find("ann")).toEqual({ person: undefined, revokedBeforeMs: START_MS });
    expect(await subjects()).toEqual(["bob"]);
    await note("ann", START_MS + 9);
    expect((await find("ann")).person).toMatchObject({ firstSeenMs: START_MS + 9, blocked: [] });
  });

  it("drops people that were not seen for long, and old revocations", async () => {
    for (const [index, subject] of ["ann", "bob", "cyd"].entries()) {
      await note(subject, START_MS + index);
      await people.revoke({ key: keyOf(subject), issuedBeforeMs: START_MS, nowMs: START_MS + index });
    }
    await note("ann", START_MS + 10);
    const due = { beforeMs: START_MS + 2, limit: 2 };
    for (let calls = 0; (await people.prune(due)) && calls < 10; calls++);
    expect(await subjects()).toEqual(["cyd", "ann"]);
    const revoked = await Promise.all(["ann", "bob", "cyd"].map(async (one) => (await find(one)).revokedBeforeMs));
    expect(revoked).toEqual([undefined, undefined, START_MS]);
    expect(await people.prune({ ...due, limit: 10 })).toBe(false);
  });

  it("looks only at what is due when it drops something, however many people there are", async () => {
    for (const subject of ["ann", "bob", "cyd"]) {
      await note(subject);
      await revoke(subject, START_MS);
    }
    expect(await people.prune({ beforeMs: START_MS, limit: 1 })).toBe(false);
  });

  it("still has everything after a restart", async () => {
    await block("ann", "bob");
    await revoke("ann", START_MS);
    const before = await find("ann");
    await stores.close();
    stores = await fixture.open();
    people = stores.people;
    expect(await find("ann")).toEqual(before);
    await note("cyd");
    expect(await subjects()).toEqual(["cyd", "ann"]);
  });
}
