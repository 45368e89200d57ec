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

const interestsOf = (...interests: string[]) => normalize({ interests, languages: [], relayOnly: false }).interests;

it.each([
  ["composed and decomposed", "caf\u00e9", "cafe\u0301"],
  ["wide and narrow", "ＪＡＺＺ", "jazz"],
  ["with and without zero-width characters", "ja\u200bzz\ufeff", "jazz"],
  ["with one space and with several", "board\u3000\u00a0games", "board games"],
  ["ligature and letters", "\ufb01lms", "films"],
])("treats interests %s as one", (_, one, other) => {
  expect(interestsOf(one, other)).toEqual([other.normalize("NFC")]);
});

it("keeps joiners and selectors, which change what is seen", () => {
  expect(interestsOf("👨‍👩‍👧", "👨👩👧", "می‌خواهم", "میخواهم")).toHaveLength(4);
});

it("drops interests of which nothing can be seen", () => {
  expect(interestsOf("\u200b", "\u3164", "\u2800", " \u200d")).toEqual([]);
});

it("bounds an interest whose characters expand", () => {
  const [interest = ""] = interestsOf("\ufdfa".repeat(32));
  expect([interest.length > 16, Array.from(interest).length <= 32]).toEqual([true, true]);
});

it("changes nothing the second time", () => {
  const words = fc.array(fc.string({ unit: "binary", maxLength: 20 }), { maxLength: 4 });
  fc.assert(
    fc.property(words, (interests) => {
      const once = interestsOf(...interests);
      expect(interestsOf(...once)).toEqual(once);
    }),
    { numRuns: 300 },
  );
});
