import postcss from "postcss";
import { expect, it } from "vitest";
import { cssFallbacks, olderValue } from "../../src/demo/css-fallbacks.js";

const transform = async (css: string) =>
  (await postcss([cssFallbacks()]).process(css, { from: undefined })).css.replace(/\s+/g, " ");

it.each([
  ["100cqw", "100vw"],
  ["min(45cqw, 44cqh, 21rem)", "min(45vw, 44vh, 21rem)"],
  ["calc(100dvh - 1.5rem)", "calc(100vh - 1.5rem)"],
  ["color-mix(in srgb, var(--ink) 9%, transparent)", "transparent"],
  ["color-mix(in srgb, var(--danger) 88%, var(--ink))", "var(--danger)"],
  ["1px solid color-mix(in srgb, #fff 24%, var(--surface))", "1px solid var(--surface)"],
  ["100vw", "100vw"],
])("%s falls back to %s", (value, older) => {
  expect(olderValue(value)).toBe(older);
});

it("puts the fallback before the declaration, which newer browsers prefer", async () => {
  expect(await transform("a { width: 100cqw; color: red }")).toBe("a { width: 100vw; width: 100cqw; color: red }");
});

it("sets a custom property to the newer value only where it is supported", async () => {
  const css = await transform("a { --d: 45cqw; width: var(--d) }");
  expect(css).toMatch(/^a \{ --d: 45vw; width: var\(--d\) \} ?@supports .*\{ ?a ?\{ ?--d: 45cqw ?\} ?\}$/);
});
