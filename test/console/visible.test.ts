import { expect, it } from "vitest";
import { entered, legible, visible } from "../../src/console/parts/visible.js";

it.each([
  ["a zero-width space", "a\u200bnn", "a\\u{200b}nn"],
  ["one that turns the direction", "\u202enna", "\\u{202e}nna"],
  ["a tag", "ann\u{e0041}", "ann\\u{e0041}"],
  ["a variation selector", "ann\ufe0f", "ann\\u{fe0f}"],
  ["a control", "a\tnn\u0085", "a\\u{9}nn\\u{85}"],
  ["a line separator", "a\u2028nn", "a\\u{2028}nn"],
  ["a letter that is blank", "\u3164ann\u2800", "\\u{3164}ann\\u{2800}"],
  ["another space", "ann\u00a0b", "ann\\u{a0}b"],
  ["spaces that a page does not show", " a  nn ", "\\u{20}a \\u{20}nn\\u{20}"],
  ["what looks like one of them", "a\\u{200b}nn", "a\\u{5c}u{200b}nn"],
])("spells out %s, and reads it again", (_, text, shown) => {
  expect(visible(text)).toBe(shown);
  expect(entered(shown)).toBe(text);
});

it.each(["Ann Smith", "EXAMPLE\\ann", "Åsa 陳 אבג", "<b>&amp;</b>", "👩", "\\u{zz}"])("leaves %s as it is", (text) => {
  expect(visible(text)).toBe(text);
  expect(entered(text)).toBe(text);
});

it("leaves prose as it is but for what turns its direction or ends its line", () => {
  expect(legible("He sent ⚠\ufe0f, 👩\u200d🚀  twice ")).toBe("He sent ⚠\ufe0f, 👩\u200d🚀  twice ");
  expect(legible("a\u202eb\nc\u2066d")).toBe("a\\u{202e}b\\u{a}c\\u{2066}d");
});
