import { generateIdentity, identityToRecipient } from "age-encryption";
import { describe, expect, it } from "vitest";
import { parseDocument } from "../../src/console/evidence/document.js";
import { isAllowedJpeg } from "../../src/console/evidence/jpeg.js";
import { readKey } from "../../src/console/evidence/key.js";
import { jpegOf } from "../support/jpeg.js";

const line = (from: string, number: number) => ({ from, number, text: "hello", atMs: 1, previous: "" });
const frame = { atMs: 1, jpeg: "" };
const whole = { version: 1, matchId: "m", reporterId: "r", createdMs: 1, lines: [line("me", 1)], frames: [frame] };

describe("a decrypted document", () => {
  it("is read as the client writes it, without further fields", () => {
    expect(parseDocument(JSON.stringify({ ...whole, other: 1 }))).toEqual(whole);
  });

  it.each([
    ["is no JSON", "hello", "the document is not JSON"],
    ["is a list", [], "the document is no object"],
    ["is of another version", { ...whole, version: 2 }, "version is not 1"],
    ["names no match", { ...whole, matchId: undefined }, "matchId is no text"],
    ["has a text for a time", { ...whole, createdMs: "1" }, "createdMs is no time"],
    ["has a time beyond all dates", { ...whole, frames: [{ ...frame, atMs: 1e300 }] }, "frames[0].atMs is no time"],
    ["has a line of nobody", { ...whole, lines: [line("server", 1)] }, "lines[0].from names no side"],
    ["has a fraction of a line", { ...whole, lines: [line("me", 1.5)] }, "lines[0].number is no number of a line"],
    ["has a line twice", { ...whole, lines: [line("me", 1), line("me", 1)] }, "lines[1].number is out of order"],
    ["has too many lines", { ...whole, lines: Array(51).fill(line("me", 0)) }, "lines has more than 50 entries"],
    ["has too many frames", { ...whole, frames: Array(6).fill(frame) }, "frames has more than 5 entries"],
    ["has an object for a text", { ...whole, lines: [{ ...line("me", 1), text: {} }] }, "lines[0].text is no text"],
  ])("that %s is refused", (_, content, problem) => {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    expect(() => parseDocument(text)).toThrow(problem);
  });

  it("has lines of both sides in any order, and lines without a number", () => {
    const lines = [line("me", 1), line("partner", 1), line("me", 0), line("me", 7), line("partner", 2)];
    expect(parseDocument(JSON.stringify({ ...whole, lines })).lines).toEqual(lines);
  });
});

describe("a picture", () => {
  const last = jpegOf(320, 240);
  it.each([
    ["is a JPEG of the allowed size", last, true],
    ["is small", jpegOf(1, 1), true],
    ["is too wide", jpegOf(321, 240), false],
    ["is too high", jpegOf(320, 65_535), false],
    ["says its height later", jpegOf(320, 0), false],
    ["has too many bytes", jpegOf(320, 240, new Uint8Array(12 * 1024)), false],
    ["says its size twice", Buffer.concat([last.subarray(0, 33), last.subarray(20)]), false],
    ["says no size", Buffer.concat([last.subarray(0, 20), last.subarray(33)]), false],
    ["ends too early", last.subarray(0, 30), false],
    ["is a script", Buffer.from("<svg onload='alert(1)'/>"), false],
    ["is empty", Buffer.alloc(0), false],
  ])("that %s is judged by its bytes", (_, bytes, isAllowed) => {
    expect(isAllowedJpeg(bytes)).toBe(isAllowed);
  });
});

describe("a key", () => {
  it("is read from the file of age-keygen, which may have several", async () => {
    const keys = [await generateIdentity(), await generateIdentity()];
    const { recipients } = await readKey(`# created: today\r\n\r\n${keys.join("\r\n")}\r\n`);
    expect(recipients).toEqual(await Promise.all(keys.map((key) => identityToRecipient(key))));
  });

  it.each([
    ["nothing", " \n# created: today", "Enter a key"],
    ["an encrypted file", "-----BEGIN AGE ENCRYPTED FILE-----\nYWdl", "encrypted itself"],
    ["a public key", "age1qqq", "public key"],
    ["a plugin's key", "AGE-PLUGIN-YUBIKEY-1QQ", "plugin"],
    ["another text", "hunter2", "This is no key"],
    ["a key with a mistake", "AGE-SECRET-KEY-1QQ", "has a mistake"],
  ])("that is %s is refused, and not repeated", async (_, text, problem) => {
    const error: unknown = await readKey(text).catch((thrown: unknown) => thrown);
    expect(String(error)).toContain(problem);
    expect(String(error)).not.toContain(text);
  });
});
