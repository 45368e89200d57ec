import { expect, it } from "vitest";
import { offer, WIDEN_MS, type LobbyHarness } from "../lobby-harness.js";

export function pairingContract(harness: () => LobbyHarness): void {
  it("pairs the longest-waiting first", async () => {
    await harness().enter("old", "young", "seeker");
    await harness().match("old", { languages: ["de"] });
    await harness().pass(10);
    await harness().match("young", { languages: ["en"] });
    await harness().pass(10);
    await harness().match("seeker");
    expect(await harness().matchIdOf("seeker")).toBe(await harness().matchIdOf("old"));
    expect(await harness().last("young", "matched")).toBeUndefined();
  });

  it("pairs past many stale tickets at the head of the queue", async () => {
    const gone = Array.from({ length: 300 }, (_, index) => `gone-${String(index)}`);
    await harness().enter(...gone, "patient", "seeker");
    for (const name of gone) await harness().match(name, { languages: [name.slice(-1) + "a"], interests: [name] });
    await harness().pass(WIDEN_MS);
    await harness().match("patient");
    for (const [index, name] of gone.entries()) await (index % 2 ? harness().leave(name) : harness().detach(name));
    await harness().match("seeker");
    expect(await harness().matchIdOf("seeker")).toBeDefined();
  });

  it("notifies both of the same match, the seeker as offerer, and delivers its offer to the waiting side", async () => {
    await harness().enter("waiter", "seeker");
    await harness().match("waiter", { interests: ["chess", "music"], offer });
    await harness().match("seeker", { interests: ["music"], offer });
    const matchId = await harness().matchIdOf("seeker");
    const shared = { matchId, sharedInterests: ["music"], relayOnly: false };
    expect(await harness().last("waiter", "matched")).toMatchObject({ ...shared, role: "answerer", offer });
    const own = await harness().last("seeker", "matched");
    expect(own).toMatchObject({ ...shared, role: "offerer" });
    expect(own?.offer).toBeUndefined();
  });

  it("prefers a shared interest to a longer wait", async () => {
    await harness().enter("anyone", "kindred", "seeker");
    await harness().match("anyone");
    await harness().pass(10);
    await harness().match("kindred", { interests: ["chess"] });
    await harness().match("seeker", { interests: ["Chess "] });
    expect(await harness().matchIdOf("seeker")).toBe(await harness().matchIdOf("kindred"));
  });

  it("matches an interest in every Unicode spelling", async () => {
    await harness().enter("composed", "decomposed");
    await harness().match("composed", { interests: ["Caf\u00e9", "\u200b"] });
    await harness().match("decomposed", { interests: ["cafe\u0301", "\u2060"] });
    expect(await harness().matchIdOf("composed")).toBe(await harness().matchIdOf("decomposed"));
    expect(await harness().last("composed", "matched")).toMatchObject({ sharedInterests: ["caf\u00e9"] });
  });

  it("accepts any partner once the wait has widened, and notifies the session", async () => {
    await harness().enter("chess", "music");
    await harness().match("chess", { interests: ["chess"] });
    await harness().match("music", { interests: ["music"] });
    await harness().pass(WIDEN_MS - 1);
    expect(await harness().last("chess", "matched")).toBeUndefined();
    await harness().pass(1);
    expect(await harness().matchIdOf("chess")).toBe(await harness().matchIdOf("music"));
    expect(await harness().last("chess", "waiting")).toMatchObject({ widened: true });
  });

  it("never pairs two sessions that both name languages and share none", async () => {
    await harness().enter("deutsch", "english", "whatever");
    await harness().match("deutsch", { languages: ["de"] });
    await harness().match("english", { languages: ["en"] });
    await harness().pass(10 * WIDEN_MS);
    expect((await harness().stores.lobby.count()).matches).toBe(0);
    await harness().match("whatever");
    expect(await harness().matchIdOf("whatever")).toBe(await harness().matchIdOf("deutsch"));
  });

  it("relays the call if either side asks for it", async () => {
    await harness().enter("shy", "open");
    await harness().match("shy", { relayOnly: true });
    await harness().match("open");
    expect(await harness().last("open", "matched")).toMatchObject({ relayOnly: true });
    expect(await harness().last("shy", "matched")).toMatchObject({ relayOnly: true });
  });

  it("tells each side both prices and when the match began, and again to a stream that begins later", async () => {
    await harness().enter("ann", "bob");
    await harness().match("ann", { priceMsat: 1_000_000_000 });
    await harness().pass(1500);
    const startMs = harness().nowMs;
    await harness().match("bob", { priceMsat: 21_000 });
    const prices = { ownMsat: 1_000_000_000, partnerMsat: 21_000, startMs };
    expect((await harness().last("ann", "matched"))?.minutePrices).toEqual(prices);
    const mirrored = { ownMsat: 21_000, partnerMsat: 1_000_000_000, startMs };
    expect((await harness().last("bob", "matched"))?.minutePrices).toEqual(mirrored);
    await harness().pass(500);
    expect((await harness().attach("ann", { epoch: "none" })).snapshot).toMatchObject({ minutePrices: prices });
  });

  it("says nothing of prices if neither side asks for one, or for one that was taken back", async () => {
    await harness().enter("ann", "bob");
    await harness().match("ann", { priceMsat: 21_000 });
    await harness().match("ann");
    await harness().match("bob");
    expect(await harness().last("ann", "matched")).toBeDefined();
    expect((await harness().last("ann", "matched"))?.minutePrices).toBeUndefined();
    const { snapshot } = await harness().attach("bob", { epoch: "none" });
    expect(snapshot).toMatchObject({ state: "matched" });
    expect(snapshot).not.toHaveProperty("minutePrices", expect.anything());
  });

  it("pairs as if there were no prices", async () => {
    await harness().enter("ann", "bob", "cyd");
    await harness().match("ann", { priceMsat: 1_000_000_000, languages: ["de"] });
    await harness().pass(1);
    await harness().match("bob", { languages: ["fr"] });
    await harness().match("cyd", { priceMsat: 1_000 });
    expect(await harness().matchIdOf("cyd")).toBe(await harness().matchIdOf("ann"));
  });

  it("does not pair partners of the last minute, notifies them, and pairs them afterwards", async () => {
    await harness().enter("ann", "bob");
    await harness().couple("ann", "bob");
    await harness().leave("ann");
    await harness().match("ann");
    await harness().match("bob");
    expect(await harness().last("bob", "waiting")).toMatchObject({ onlyRecentPartners: true, waitingCount: 2 });
    await harness().pass(59_999);
    expect((await harness().stores.lobby.count()).matches).toBe(0);
    await harness().pass(1);
    expect((await harness().stores.lobby.count()).matches).toBe(1);
  });

  it("never pairs a session that is away, and keeps its place until it is back", async () => {
    await harness().enter("ann", "bob", "cyd");
    await harness().match("ann");
    await harness().detach("ann");
    await harness().pass(1000);
    await harness().match("bob", { languages: ["en"] });
    expect((await harness().stores.lobby.count()).waiting).toBe(1);
    await harness().leave("bob");
    await harness().attach("ann");
    await harness().match("cyd");
    expect(await harness().matchIdOf("cyd")).toBe(await harness().matchIdOf("ann"));
  });

  it("pairs a session that is back with a waiting one", async () => {
    await harness().enter("ann", "bob");
    await harness().match("ann");
    await harness().detach("ann");
    await harness().match("bob");
    expect(await harness().last("bob", "matched")).toBeUndefined();
    const back = await harness().attach("ann");
    expect(back.snapshot).toMatchObject({ state: "waiting" });
    expect(await harness().matchIdOf("ann")).toBe(await harness().matchIdOf("bob"));
  });

  it("keeps the place of a session that asks again, also with other preferences", async () => {
    await harness().enter("ann", "bob", "cyd");
    await harness().match("ann", { languages: ["de"] });
    await harness().pass(100);
    await harness().match("bob", { languages: ["fr"] });
    await harness().pass(100);
    expect(await harness().match("ann", { languages: ["en"] })).toEqual({ state: "waiting" });
    await harness().match("cyd");
    expect(await harness().matchIdOf("cyd")).toBe(await harness().matchIdOf("ann"));
  });

  it("states since when each side waited", async () => {
    await harness().enter("waiter", "seeker");
    await harness().match("waiter");
    const sinceMs = harness().nowMs;
    await harness().pass(1234);
    await harness().match("seeker");
    expect(await harness().last("waiter", "matched")).toMatchObject({ sinceMs });
    expect(await harness().last("seeker", "matched")).toMatchObject({ sinceMs: harness().nowMs });
  });

  it("reports the waiting times, without sessions that are away, left or were matched", async () => {
    const waits = () => harness().stores.lobby.waits({ nowMs: harness().nowMs });
    expect(await waits()).toEqual({ count: 0, p50Ms: 0, p90Ms: 0, p99Ms: 0 });
    const names = Array.from({ length: 10 }, (_, index) => `waiter-${String(index)}`);
    await harness().enter(...names, "seeker");
    for (const name of names) {
      await harness().match(name, { languages: [`${name.slice(-1)}z`] });
      await harness().pass(100);
    }
    expect(await waits()).toEqual({ count: 10, p50Ms: 500, p90Ms: 900, p99Ms: 1000 });
    await harness().match("seeker", { languages: ["0z"] });
    await harness().leave("waiter-1");
    await harness().detach("waiter-2");
    expect(await waits()).toEqual({ count: 7, p50Ms: 400, p90Ms: 700, p99Ms: 700 });
    await harness().attach("waiter-2");
    expect(await waits()).toEqual({ count: 8, p50Ms: 400, p90Ms: 800, p99Ms: 800 });
  });

  it("states the start of the wait, the number of waiting sessions, and the expected duration", async () => {
    await harness().enter("ann", "bob", "cyd");
    await harness().match("ann");
    const sinceMs = harness().nowMs;
    expect(await harness().last("ann", "waiting")).toMatchObject({ sinceMs, waitingCount: 1, widened: false });
    await harness().pass(3000);
    await harness().match("bob");
    await harness().match("cyd");
    expect(await harness().last("cyd", "waiting")).toMatchObject({ waitingCount: 1, estimatedWaitMs: 3000 });
  });
}
