import fc from "fast-check";
import { expect, it } from "vitest";
import { normalize, place, type Preferences } from "../../src/core/pools.js";

const preferences: fc.Arbitrary<Preferences> = fc
  .record({
    interests: fc.subarray(["chess", "music", "rust"]),
    languages: fc.subarray(["de", "en", "fr"]),
    relayOnly: fc.boolean(),
  })
  .map(normalize);

/** Whether two may be paired, apart from avoided partners: the specification of the pools. */
function fits(a: Preferences, aWidened: boolean, b: Preferences, bWidened: boolean): boolean {
  const meet = (these: readonly string[], those: readonly string[]) => these.some((one) => those.includes(one));
  const speak = a.languages.length === 0 || b.languages.length === 0 || meet(a.languages, b.languages);
  const open = (one: Preferences, widened: boolean) => widened || one.interests.length === 0;
  return speak && (meet(a.interests, b.interests) || (open(a, aWidened) && open(b, bWidened)));
}

it("makes one find another exactly if the two are compatible", () => {
  const both = fc.tuple(preferences, fc.boolean(), preferences, fc.boolean());
  fc.assert(
    fc.property(both, ([seeker, seekerWidened, waiter, waiterWidened]) => {
      const { waitIn } = place(waiter, waiterWidened);
      const found = place(seeker, seekerWidened).seekIn.some((tier) => tier.some((key) => waitIn.includes(key)));
      expect(found).toBe(fits(seeker, seekerWidened, waiter, waiterWidened));
    }),
    { numRuns: 3000 },
  );
});

it("bounds the number of pools for all preferences", () => {
  const most = normalize({
    interests: Array.from({ length: 10 }, (_, index) => `interest ${String(index)}`),
    languages: ["de", "en", "es", "fr", "it"],
    relayOnly: false,
  });
  const { waitIn, seekIn } = place(most, true);
  expect(waitIn.length).toBe(66);
  expect(seekIn.flat().length).toBe(66);
});

it("searches by shared interest before any partner", () => {
  const { seekIn } = place(normalize({ interests: ["chess"], languages: [], relayOnly: false }), true);
  expect(seekIn).toEqual([["#chess|*"], ["*|*"]]);
});

it("does not confuse an interest with the pool for any partner", () => {
  const star = place(normalize({ interests: ["*"], languages: [], relayOnly: false }), false);
  const anyone = place(normalize({ interests: [], languages: [], relayOnly: false }), false);
  expect(star.waitIn.filter((key) => anyone.seekIn.flat().includes(key))).toEqual([]);
});

it("treats interests that differ in case or spaces as one", () => {
  const { interests } = normalize({ interests: [" Chess", "chess", "CHESS "], languages: [], relayOnly: false });
  expect(interests).toEqual(["chess"]);
});
