import { expect, it } from "vitest";
import { LEASE_MS, type Moderator } from "../../../src/core/case.js";
import type { StoreFixture } from "../../support/store-fixture.js";
import { LAST, RecordsHarness } from "../records/records-harness.js";
import { act, ann, bob, onlyCase, queue, resolve } from "./case-actions.js";

export function acting(create: () => Promise<StoreFixture>): void {
  const harness = RecordsHarness.of(create);
  const opened = async () => {
    await harness.report("a", "x");
    return onlyCase(harness);
  };

  it("by one moderator at a time, until the lease ends", async () => {
    const found = await opened();
    const claimed = await act(harness, found, { type: "claim", by: ann });
    const lease = { by: ann, untilMs: harness.nowMs + LEASE_MS };
    expect(claimed).toMatchObject({ state: "done", case: { number: found.number, lease } });
    expect(await act(harness, found, { type: "claim", by: bob })).toMatchObject({ state: "taken", case: { lease } });
    harness.nowMs += LEASE_MS;
    expect(await act(harness, found, { type: "claim", by: bob })).toMatchObject({ state: "done" });
    const [stored] = await harness.cases.casesIn("unresolved by bob@example.org", undefined, 10);
    expect(await harness.cases.getCase(found.number)).toEqual({ case: stored, notes: [] });
    expect(await harness.cases.casesIn("unresolved by ann", undefined, 10)).toEqual([]);
  });

  it("by one of those who claim at the same moment", async () => {
    const found = await opened();
    const claims = Array.from({ length: 10 }, (_, index) =>
      act(harness, found, { type: "claim", by: `moderator-${String(index)}` as typeof ann }),
    );
    const states = (await Promise.all(claims)).map(({ state }) => state);
    expect(states.sort()).toEqual(["done", ...Array<string>(9).fill("taken")]);
  });

  it("until they are released", async () => {
    const found = await opened();
    expect(await act(harness, found, { type: "release", by: ann })).toMatchObject({ state: "done" });
    await act(harness, found, { type: "claim", by: ann });
    expect(await act(harness, found, { type: "release", by: bob })).toMatchObject({ state: "taken" });
    const released = await act(harness, found, { type: "release", by: ann });
    expect(released).toMatchObject({ state: "done" });
    expect((await onlyCase(harness)).lease).toBeUndefined();
    expect(await act(harness, found, { type: "claim", by: bob })).toMatchObject({ state: "done" });
  });

  it("and resolved by whom they are claimed, once", async () => {
    const found = await opened();
    const resolution = { type: "resolve", outcome: "banned", text: "“seen”\n" } as const;
    expect(await act(harness, found, { ...resolution, by: ann })).toMatchObject({ state: "unclaimed" });
    await act(harness, found, { type: "claim", by: ann });
    expect(await act(harness, found, { ...resolution, by: bob })).toMatchObject({ state: "taken" });
    const resolved = await act(harness, found, { ...resolution, by: ann });
    const stored = { by: ann, outcome: "banned", text: "“seen”\n", atMs: harness.nowMs };
    expect(resolved).toMatchObject({ state: "done", case: { resolution: stored } });
    expect(await act(harness, found, { ...resolution, by: ann })).toEqual(resolved);
    expect(await act(harness, found, { ...resolution, by: ann, text: "other" })).toMatchObject({ state: "resolved" });
    expect(await act(harness, found, { type: "claim", by: ann })).toMatchObject({ state: "resolved" });
    expect(await queue(harness)).toEqual([]);
    for (const name of ["resolved", "resolved spam", "resolved by ann"]) {
      expect(await harness.cases.casesIn(name, undefined, 10)).toMatchObject([{ number: found.number }]);
    }
    const event = { type: "case_resolved", case: found.number, reportedKey: "x", outcome: "banned" };
    expect((await harness.events()).slice(2)).toEqual([event]);
  });

  it("with notes in any state, which are not repeated and are limited", async () => {
    const found = await opened();
    const note = (text: string, by = ann) => act(harness, found, { type: "note", by, text });
    for (const text of ["one", "one", "two"]) await note(text);
    await resolve(harness, found, "no_violation");
    await note("two", bob);
    const { case: stored, notes } = (await harness.cases.getCase(found.number)) ?? { notes: [] };
    expect(notes.map(({ by, text }) => `${by}: ${text}`)).toEqual(["ann: one", "ann: two", "bob@example.org: two"]);
    expect(stored).toMatchObject({ notes: 3, resolution: { outcome: "no_violation" } });
    for (let index = 3; index < 50; index++) expect(await note(String(index))).toMatchObject({ state: "done" });
    expect(await note("one more")).toMatchObject({ state: "full" });
    const { notes: all = [] } = (await harness.cases.getCase(found.number)) ?? {};
    expect(all.map(({ text }) => text).slice(9, 12)).toEqual(["9", "10", "11"]);
  });

  it("with an entry in the audit log for what is done elsewhere", async () => {
    const entry = { act: "match_ended", by: 'ann "%s"' as Moderator, detail: "m", atMs: harness.nowMs } as const;
    await harness.cases.logAct(entry);
    expect(await harness.cases.auditBefore(LAST, 20)).toEqual([{ ...entry, number: expect.any(Number) as number }]);
  });

  it("with an entry in the audit log for each act that had an effect", async () => {
    const found = await opened();
    await act(harness, found, { type: "claim", by: ann });
    await act(harness, found, { type: "claim", by: bob });
    await act(harness, found, { type: "release", by: ann });
    await act(harness, found, { type: "release", by: ann });
    await act(harness, found, { type: "note", by: bob, text: "secret" });
    await resolve(harness, found, "no_violation");
    const entries = await harness.cases.auditBefore(LAST, 20);
    expect(entries.map(({ act: done, by, detail }) => [done, by, detail].join(" ").trim()).reverse()).toEqual([
      "case_opened  x",
      "case_claimed ann",
      "case_released ann",
      "note_added bob@example.org",
      "case_claimed ann",
      "case_resolved ann no_violation",
    ]);
    expect(entries.every(({ case: number, atMs }) => number === found.number && atMs === harness.nowMs)).toBe(true);
  });

  it("in the order of their changes, each once, for those who watch", async () => {
    for (const reported of ["x", "y", "z"]) await harness.report("a", reported);
    const [x, , z] = await harness.cases.casesAfter(0, 10);
    if (x === undefined || z === undefined) throw new Error("there are not three cases");
    await act(harness, x, { type: "claim", by: ann });
    await act(harness, x, { type: "note", by: ann, text: "hm" });
    const keys = (await harness.cases.casesAfter(0, 2)).map(({ reportedKey }) => reportedKey);
    expect(keys).toEqual(["y", "z"]);
    expect(await harness.cases.casesAfter(z.revision, 2)).toMatchObject([{ reportedKey: "x", notes: 1 }]);
  });

  it("only if there is one", async () => {
    expect(await harness.cases.actOn(12_345, { type: "claim", by: ann, atMs: 0 })).toEqual({ state: "unknown" });
    expect(await harness.cases.getCase(12_345)).toBeUndefined();
  });
}
