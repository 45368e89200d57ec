import { expect, it } from "vitest";
import { parseLine } from "../../src/client/call/chat-channel.js";

it("reads a line", () => {
  expect(parseLine('{"text":"hello"}')).toBe("hello");
});

it("treats markup as text", () => {
  expect(parseLine('{"text":"<img src=x onerror=alert(1)>"}')).toBe("<img src=x onerror=alert(1)>");
});

it("accepts a line of 2,000 characters, whatever their encoding", () => {
  const text = "\u0001".repeat(2_000);
  expect(parseLine(JSON.stringify({ text }))).toBe(text);
});

it.each([
  ["binary data", new ArrayBuffer(8)],
  ["text that is not JSON", "hello"],
  ["null", "null"],
  ["a number", "7"],
  ["a line without text", "{}"],
  ["text that is not a string", '{"text":{"toString":1}}'],
  ["an empty line", '{"text":" "}'],
  ["a line that is too long", JSON.stringify({ text: "x".repeat(2_001) })],
  ["a flood", `{"text":"hi","more":"${"x".repeat(100_000)}"}`],
])("drops %s", (_, data) => {
  expect(parseLine(data)).toBeUndefined();
});
