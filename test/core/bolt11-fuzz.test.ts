import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ALPHABET, fromWords, toWords } from "./support/bech32.js";
import { type Field, problemOf } from "./support/invoices.js";
import { CREATED_MS, f, vector } from "./support/vectors.js";

const problems = /^(accepted|malformed|signature|network|amount|secret|features|description|delta|expired|expiry)$/;
/** Throws whatever the parser throws, except for its refusals. */
const verdictOf = (text: string) => problemOf(text, CREATED_MS) ?? "accepted";
const expectVerdict = (text: string) => {
  expect(verdictOf(text)).toMatch(problems);
};

const word = fc.nat(31);
const prefix = fc.oneof(
  fc.constantFrom("lnbcrt210n", "lnbcrt", "lnbc", "ln", "lnbcrt1", "lnbcrt210", "lnbcrt999999999999999999p"),
  fc.stringMatching(/^ln[a-z0-9]{0,40}$/),
);
const field = fc.tuple(
  fc.constantFrom(...Array.from(ALPHABET)),
  fc.array(word, { maxLength: 60 }),
) as fc.Arbitrary<Field>;
const usual = [f.secret(), f.hash(), f.text("a tip"), f.features(8, 14)];

describe("whatever the text, the parser accepts it or names a problem", () => {
  it("for any text", () => {
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string().map((text) => `lnbcrt210n1${text}`),
    );
    fc.assert(fc.property(texts, expectVerdict), { numRuns: 500 });
  });

  it("for any words with a correct checksum", () => {
    const parts = fc.record({ prefix, words: fc.array(word, { maxLength: 300 }) });
    fc.assert(
      fc.property(parts, (made) => {
        expectVerdict(fromWords(made));
      }),
      { numRuns: 500 },
    );
  });

  it("for any signed fields, of which unknown ones and those of other lengths change nothing", () => {
    const fields = fc.array(field, { maxLength: 8 });
    const counted = new Set(Array.from("pshndxc9"));
    fc.assert(
      fc.property(fields, fields, (before, after) => {
        const verdict = verdictOf(vector("lnbcrt210n", ...before, ...usual, ...after));
        expect(verdict).toMatch(problems);
        const all = [...before, ...after];
        const isUnknown = all.every(
          ([name, { length }]) => !counted.has(name) || ("psh".includes(name) && length !== 52),
        );
        if (isUnknown) expect(verdict).toBe("accepted");
      }),
      { numRuns: 150 },
    );
  });

  it("for a valid invoice with parts left out, doubled or changed", () => {
    const text = vector("lnbcrt210n", ...usual, f.expiry(600), f.route(2));
    const { words } = toWords(text);
    const edit = fc.record({ at: fc.nat(words.length - 1), remove: fc.nat(8), add: fc.array(word, { maxLength: 8 }) });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        const changed = edits.reduce((left, { at, remove, add }) => left.toSpliced(at, remove, ...add), words);
        expectVerdict(fromWords({ prefix: "lnbcrt210n", words: changed }));
      }),
      { numRuns: 300 },
    );
  });
});

describe("the time of the parser grows no faster than the text", () => {
  const [short, factor] = [20_000, 16];
  const q = (length: number) => "q".repeat(length);
  it.each<[string, (length: number) => string]>([
    ["letters", (length) => `lnbcrt210n1${q(length)}`],
    ["digits", (length) => `lnbcrt${"2".repeat(length)}n1${q(200)}`],
    ["a long prefix", (length) => `ln${"b".repeat(length)}1${q(200)}`],
    ["many 1", (length) => `lnbcrt210n${"1".repeat(length)}`],
    ["no 1", (length) => `ln${q(length)}`],
    ["many fields", (length) => long(length, () => [2, 0, 0])],
    ["many descriptions", (length) => long(length, () => [13, 0, 0])],
    ["many expiries", (length) => long(length, () => [6, 31, 31, ...new Array<number>(1_023).fill(31)])],
    ["many features", (length) => long(length, () => [5, 31, 31, ...new Array<number>(1_023).fill(31)])],
  ])("%s", (_what, make) => {
    const timeOf = (text: string) => {
      const times = Array.from({ length: 7 }, () => {
        const start = performance.now();
        expectVerdict(text);
        return performance.now() - start;
      });
      return Math.min(...times);
    };
    const [one, many] = [timeOf(make(short)), timeOf(make(short * factor))];
    expect(many).toBeLessThan(factor * 6 * Math.max(one, 2)); // quadratic would be the square of the factor
  });

  /** An invoice of about this length of such fields, whose signature is nonsense. */
  function long(length: number, one: () => number[]): string {
    const count = Math.ceil(length / one().length);
    const fields = Array.from({ length: count }, one).flat();
    return fromWords({
      prefix: "lnbcrt210n",
      words: [...new Array<number>(7).fill(1), ...fields, ...new Array<number>(104).fill(1)],
    });
  }
});
