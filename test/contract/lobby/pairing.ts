import { expect, it } from "vitest";
import { offer, WIDEN_MS, type Stage } from "../stage.js";

export function pairingContract(stage: () => Stage): void {
  it("pairs the longest-waiting first", async () => {
    await stage().enter("old", "young", "seeker");
    await stage().match("old", { languages: ["de"] });
    await stage().pass(10);
    await stage().match("young", { languages: ["en"] });
    await stage().pass(10);
    await stage().match("seeker");
    expect(await stage().matchIdOf("seeker")).toBe(await stage().matchIdOf("old"));
    expect(await stage().last("young", "matched")).toBeUndefined();
  });

  it("pairs past a head full of stale tickets", async () => {
    const gone = Array.from({ length: 300 }, (_, index) => `gone-${String(index)}`);
    await stage().enter(...gone, "patient", "seeker");
    for (const name of gone) await stage().match(name, { languages: [name.slice(-1) + "a"], interests: [name] });
    await stage().pass(WIDEN_MS);
    await stage().match("patient");
    for (const [index, name] of gone.entries()) await (index % 2 ? stage().leave(name) : stage().detach(name));
    await stage().match("seeker");
    expect(await stage().matchIdOf("seeker")).toBeDefined();
  });

  it("tells both the same match, the seeker as offerer, and its offer to the one who waited", async () => {
    await stage().enter("waiter", "seeker");
    await stage().match("waiter", { interests: ["chess", "music"], offer });
    await stage().match("seeker", { interests: ["music"], offer });
    const matchId = await stage().matchIdOf("seeker");
    const shared = { matchId, sharedInterests: ["music"], relayOnly: false };
    expect(await stage().last("waiter", "matched")).toMatchObject({ ...shared, role: "answerer", offer });
    const own = await stage().last("seeker", "matched");
    expect(own).toMatchObject({ ...shared, role: "offerer" });
    expect(own?.offer).toBeUndefined();
  });

  it("prefers a shared interest to a longer wait", async () => {
    await stage().enter("anyone", "kindred", "seeker");
    await stage().match("anyone");
    await stage().pass(10);
    await stage().match("kindred", { interests: ["chess"] });
    await stage().match("seeker", { interests: ["Chess "] });
    expect(await stage().matchIdOf("seeker")).toBe(await stage().matchIdOf("kindred"));
  });

  it("knows an interest in every spelling", async () => {
    await stage().enter("composed", "decomposed");
    await stage().match("composed", { interests: ["Caf\u00e9", "\u200b"] });
    await stage().match("decomposed", { interests: ["cafe\u0301", "\u2060"] });
    expect(await stage().matchIdOf("composed")).toBe(await stage().matchIdOf("decomposed"));
    expect(await stage().last("composed", "matched")).toMatchObject({ sharedInterests: ["caf\u00e9"] });
  });

  it("takes anyone once the wait has widened, and says so", async () => {
    await stage().enter("chess", "music");
    await stage().match("chess", { interests: ["chess"] });
    await stage().match("music", { interests: ["music"] });
    await stage().pass(WIDEN_MS - 1);
    expect(await stage().last("chess", "matched")).toBeUndefined();
    await stage().pass(1);
    expect(await stage().matchIdOf("chess")).toBe(await stage().matchIdOf("music"));
    expect(await stage().last("chess", "waiting")).toMatchObject({ widened: true });
  });

  it("never pairs two who both name languages and share none", async () => {
    await stage().enter("deutsch", "english", "whatever");
    await stage().match("deutsch", { languages: ["de"] });
    await stage().match("english", { languages: ["en"] });
    await stage().pass(10 * WIDEN_MS);
    expect((await stage().stores.lobby.count()).matches).toBe(0);
    await stage().match("whatever");
    expect(await stage().matchIdOf("whatever")).toBe(await stage().matchIdOf("deutsch"));
  });

  it("relays the call when either side asks for it", async () => {
    await stage().enter("shy", "open");
    await stage().match("shy", { relayOnly: true });
    await stage().match("open");
    expect(await stage().last("open", "matched")).toMatchObject({ relayOnly: true });
    expect(await stage().last("shy", "matched")).toMatchObject({ relayOnly: true });
  });

  it("keeps partners of the last minute apart, says so, and pairs them after it", async () => {
    await stage().enter("ann", "bob");
    await stage().couple("ann", "bob");
    await stage().leave("ann");
    await stage().match("ann");
    await stage().match("bob");
    expect(await stage().last("bob", "waiting")).toMatchObject({ onlyRecentPartners: true, waitingCount: 2 });
    await stage().pass(59_999);
    expect((await stage().stores.lobby.count()).matches).toBe(0);
    await stage().pass(1);
    expect((await stage().stores.lobby.count()).matches).toBe(1);
  });

  it("never pairs a session that is away, and keeps its place for when it is back", async () => {
    await stage().enter("ann", "bob", "cyd");
    await stage().match("ann");
    await stage().detach("ann");
    await stage().pass(1000);
    await stage().match("bob", { languages: ["en"] });
    expect((await stage().stores.lobby.count()).waiting).toBe(1);
    await stage().leave("bob");
    await stage().attach("ann");
    await stage().match("cyd");
    expect(await stage().matchIdOf("cyd")).toBe(await stage().matchIdOf("ann"));
  });

  it("pairs one who comes back with whoever waits", async () => {
    await stage().enter("ann", "bob");
    await stage().match("ann");
    await stage().detach("ann");
    await stage().match("bob");
    expect(await stage().last("bob", "matched")).toBeUndefined();
    const back = await stage().attach("ann");
    expect(back.snapshot).toMatchObject({ state: "waiting" });
    expect(await stage().matchIdOf("ann")).toBe(await stage().matchIdOf("bob"));
  });

  it("keeps the place of one who asks again, also with another wish", async () => {
    await stage().enter("ann", "bob", "cyd");
    await stage().match("ann", { languages: ["de"] });
    await stage().pass(100);
    await stage().match("bob", { languages: ["fr"] });
    await stage().pass(100);
    expect(await stage().match("ann", { languages: ["en"] })).toEqual({ state: "waiting" });
    await stage().match("cyd");
    expect(await stage().matchIdOf("cyd")).toBe(await stage().matchIdOf("ann"));
  });

  it("tells each side since when it had waited", async () => {
    await stage().enter("waiter", "seeker");
    await stage().match("waiter");
    const sinceMs = stage().nowMs;
    await stage().pass(1234);
    await stage().match("seeker");
    expect(await stage().last("waiter", "matched")).toMatchObject({ sinceMs });
    expect(await stage().last("seeker", "matched")).toMatchObject({ sinceMs: stage().nowMs });
  });

  it("tells how long those who wait have waited, and leaves out who is away, left or was matched", async () => {
    const waits = () => stage().stores.lobby.waits({ nowMs: stage().nowMs });
    expect(await waits()).toEqual({ count: 0, p50Ms: 0, p90Ms: 0, p99Ms: 0 });
    const names = Array.from({ length: 10 }, (_, index) => `waiter-${String(index)}`);
    await stage().enter(...names, "seeker");
    for (const name of names) {
      await stage().match(name, { languages: [`${name.slice(-1)}z`] });
      await stage().pass(100);
    }
    expect(await waits()).toEqual({ count: 10, p50Ms: 500, p90Ms: 900, p99Ms: 1000 });
    await stage().match("seeker", { languages: ["0z"] });
    await stage().leave("waiter-1");
    await stage().detach("waiter-2");
    expect(await waits()).toEqual({ count: 7, p50Ms: 400, p90Ms: 700, p99Ms: 700 });
    await stage().attach("waiter-2");
    expect(await waits()).toEqual({ count: 8, p50Ms: 400, p90Ms: 800, p99Ms: 800 });
  });

  it("tells how the wait stands: since when, how many, how long to expect", async () => {
    await stage().enter("ann", "bob", "cyd");
    await stage().match("ann");
    const sinceMs = stage().nowMs;
    expect(await stage().last("ann", "waiting")).toMatchObject({ sinceMs, waitingCount: 1, widened: false });
    await stage().pass(3000);
    await stage().match("bob");
    await stage().match("cyd");
    expect(await stage().last("cyd", "waiting")).toMatchObject({ waitingCount: 1, estimatedWaitMs: 3000 });
  });
}
