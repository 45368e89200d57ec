import { expect, it } from "vitest";
import type { Attribute, MatchingSchema } from "../../../src/core/matching-schema.js";
import { defaultSchema, modeAttribute } from "../../../src/core/matching-schema.js";
import { WIDEN_MS, type LobbyHarness } from "../lobby-harness.js";

const CLASS_MS = 10_000;

function closed(name: string, values: string[], givesWayAfterMs?: number): Attribute {
  return {
    ...{ name, values, saidBy: ["client"], fallback: undefined, maxValues: 1, isMutual: false, isSought: true },
    ...{ acceptsUnknown: false, givesWayAfterMs, isShared: true },
  };
}

/** Interests give way after 5 s, levels after 8 s, genders never. */
const schema: MatchingSchema = {
  attributes: [
    ...defaultSchema(WIDEN_MS).attributes.filter(({ name }) => name !== "mode"),
    modeAttribute,
    closed("gender", ["f", "m", "x"]),
    closed("level", ["high", "low"], 8_000),
  ],
  priorityClassMs: CLASS_MS,
};

const quarantined = { attributes: [], priority: 0, restrictions: ["quarantine"] } as const;

export function filteringContract(harness: () => LobbyHarness): void {
  const matches = async () => (await harness().stores.lobby.count()).matches;
  const arrive = async (name: string, wishes: Parameters<LobbyHarness["match"]>[1] = {}) => {
    harness().schema = schema;
    await harness().enter(name);
    return harness().match(name, wishes);
  };
  const of = (values: Record<string, string[]>) => Object.entries(values);

  it("pairs those whose filters accept each other, and no others, longest wait first", async () => {
    await arrive("picky man", { attributes: of({ gender: ["m"] }), filters: of({ gender: ["f"] }) });
    harness().nowMs++;
    await arrive("man", { attributes: of({ gender: ["m"] }), filters: of({ gender: ["m", "x"] }) });
    harness().nowMs++;
    await arrive("unknown", { filters: of({ gender: ["f"] }) });
    expect(await matches()).toBe(0);
    await arrive("woman", { attributes: of({ gender: ["f"] }), filters: of({ gender: ["m"] }) });
    expect(await harness().matchIdOf("woman")).toBe(await harness().matchIdOf("picky man"));
    await arrive("anyone", { attributes: of({ gender: ["f"] }) });
    expect(await harness().matchIdOf("anyone")).toBe(await harness().matchIdOf("unknown"));
  });

  it("gives way filter by filter, says which, and prefers whom more of them accept", async () => {
    const wish = { interests: ["chess"], attributes: of({ level: ["low"] }), filters: of({ level: ["high"] }) };
    await arrive("seeker", wish);
    await arrive("other", { ...wish, interests: ["music"] });
    await harness().pass(WIDEN_MS);
    expect(await harness().last("seeker", "waiting")).toMatchObject({ gaveWay: ["interests"], widened: true });
    expect(await matches()).toBe(0);
    await harness().pass(3_000);
    expect(await harness().matchIdOf("seeker")).toBe(await harness().matchIdOf("other"));
  });

  it("says the filters that gave way in a snapshot, too", async () => {
    await arrive("ann", { filters: of({ level: ["high"] }) });
    await harness().pass(8_000);
    expect((await harness().attach("ann")).snapshot).toMatchObject({
      state: "waiting",
      gaveWay: ["level"],
      widened: false,
    });
  });

  it("restarts the time of soft filters only if they change", async () => {
    await arrive("ann", { filters: of({ level: ["high"] }) });
    await harness().pass(7_000);
    await harness().match("ann", { filters: of({ level: ["high"], gender: ["x"] }) });
    await harness().pass(1_000);
    expect(await harness().last("ann", "waiting")).toMatchObject({ gaveWay: ["level"] });
    await harness().match("ann", { filters: of({ level: ["low"] }) });
    expect((await harness().last("ann", "waiting"))?.gaveWay).toBeUndefined();
  });

  it("serves a higher class first, and a lower one that has waited longer before it", async () => {
    const waits = (name: string, priority: number) =>
      arrive(name, { languages: [name], standing: { attributes: [], priority, restrictions: [] } });
    await waits("aa", 0);
    await harness().pass(CLASS_MS);
    await waits("bb", 2);
    await harness().pass(1_500 + CLASS_MS);
    await waits("cc", 2);
    const order = [];
    for (const seeker of ["first", "second", "third"]) {
      await arrive(seeker);
      const matchId = await harness().matchIdOf(seeker);
      for (const name of ["aa", "bb", "cc"]) {
        if ((await harness().last(name, "matched"))?.matchId === matchId) order.push(name);
      }
    }
    expect(order).toEqual(["bb", "aa", "cc"]);
  });

  it("lets the lowest class wait no longer than nine classes are worth behind those who come later", async () => {
    await arrive("low", { languages: ["aa"] });
    for (let count = 0; harness().nowMs < 1_800_000_000_000 + 9 * CLASS_MS; count++) {
      const standing = { attributes: [], priority: 9, restrictions: [] };
      await arrive(`high ${String(count)}`, { languages: ["bb"], standing });
      await arrive(`seeker ${String(count)}`, { languages: ["aa", "bb"] });
      expect(await harness().last("low", "matched")).toBeUndefined();
      harness().nowMs += CLASS_MS / 2;
    }
    await arrive("late", { languages: ["bb"], standing: { attributes: [], priority: 9, restrictions: [] } });
    await arrive("last", { languages: ["aa", "bb"] });
    expect(await harness().last("low", "matched")).toMatchObject({ role: "answerer" });
  });

  it("pairs people in quarantine with each other only", async () => {
    await arrive("bad", { standing: quarantined });
    await arrive("good");
    expect(await matches()).toBe(0);
    await arrive("also bad", { standing: quarantined });
    expect(await harness().matchIdOf("also bad")).toBe(await harness().matchIdOf("bad"));
  });

  it("says what the partner sends and what both are, in the event and in a snapshot", async () => {
    await arrive("ann", { attributes: of({ mode: ["text"], level: ["high"] }), languages: ["en"] });
    await arrive("bob", { attributes: of({ level: ["high"], gender: ["m"] }), languages: ["en"] });
    const shared = [["level", ["high"]]];
    expect(await harness().last("bob", "matched")).toMatchObject({ partnerMode: "text", sharedAttributes: shared });
    const own = await harness().last("ann", "matched");
    expect(own?.partnerMode).toBeUndefined();
    expect(own).toMatchObject({ ownMode: "text", sharedAttributes: shared });
    expect((await harness().last("bob", "matched"))?.ownMode).toBeUndefined();
    expect((await harness().attach("ann", { epoch: "" })).snapshot).toMatchObject({ ownMode: "text" });
    expect((await harness().attach("bob", { epoch: "" })).snapshot).toMatchObject({
      ...{ state: "matched", partnerMode: "text", sharedAttributes: shared },
    });
  });

  it("accepts only those who send what one accepts", async () => {
    await arrive("text", { attributes: of({ mode: ["text"] }) });
    await arrive("video", { filters: of({ mode: ["video", "audio"] }) });
    expect(await matches()).toBe(0);
    await arrive("old client");
    expect(await harness().matchIdOf("old client")).toBe(await harness().matchIdOf("text"));
  });

  it("counts those who fit and may be paired later", async () => {
    await harness().enter("ann", "bob");
    await harness().couple("ann", "bob");
    await harness().leave("ann");
    await harness().match("ann");
    await harness().match("bob");
    expect(await harness().last("bob", "waiting")).toMatchObject({ onlyRecentPartners: true, fittingCount: 1 });
  });
}
