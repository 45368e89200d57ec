import { expect, it } from "vitest";
import { parseLine } from "../../src/client/call/chat-channel.js";
import { isBlank } from "../../src/client/index.js";

it("reads a line", () => {
  expect(parseLine(`{"text":"hello","id":7}`)).toEqual({ text: "hello", id: 7 });
});

it("treats markup as text", () => {
  expect(parseLine('{"text":"<img src=x onerror=alert(1)>"}')?.text).toBe("<img src=x onerror=alert(1)>");
});

it("accepts a line of 2,000 characters, whatever their encoding", () => {
  const text = `x${"\u0001".repeat(1_999)}`;
  expect(parseLine(JSON.stringify({ text }))?.text).toBe(text);
});

it.each([
  ["binary data", new ArrayBuffer(8)],
  ["text that is not JSON", "hello"],
  ["null", "null"],
  ["a number", "7"],
  ["a line without text", "{}"],
  ["text that is not a string", '{"text":{"toString":1}}'],
  ["an empty line", '{"text":" "}'],
  ["a line of zero-width spaces", '{"text":"\u200b\u200b"}'],
  ["a line that is too long", JSON.stringify({ text: "x".repeat(2_001) })],
  ["a flood", `{"text":"hi","more":"${"x".repeat(100_000)}"}`],
])("drops %s", (_, data) => {
  expect(parseLine(data)).toBeUndefined();
});

it.each([
  ["nothing", ""],
  ["spaces and line breaks", " \t\n\u00a0\u3000"],
  ["zero-width characters", "\u200b\u200c\u200d\u2060\ufeff"],
  ["marks of direction", "\u200e\u200f\u202e\u2066\u2069"],
  ["fillers of Hangul", "\u115f\u1160\u3164\uffa0"],
  ["a blank of Braille", "\u2800"],
  ["variation selectors and tags", "\ufe0f\u{e0041}"],
  ["control characters", "\u0000\u0007"],
])("takes %s for blank", (_, text) => {
  expect([isBlank(text), parseLine(JSON.stringify({ text }))]).toEqual([true, undefined]);
});

it.each([".", "\u200bx\u200b", "شكراً!", "‏שלום", "❤️", "👨‍👩‍👧", "\u0301", "\u0600"])("takes %j for a line", (text) => {
  expect([isBlank(text), parseLine(JSON.stringify({ text }))?.text]).toEqual([false, text]);
});
