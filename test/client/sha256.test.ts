import { createHash, randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { sha256 } from "../../src/client/connection/sha256.js";

const hexOf = (words: Uint32Array) => Array.from(words, (word) => word.toString(16).padStart(8, "0")).join("");

it("computes the same hashes as Node.js, for every length up to a block", () => {
  for (let length = 0; length <= 55; length++) {
    const message = randomBytes(length);
    expect(hexOf(sha256(message)), String(length)).toBe(createHash("sha256").update(message).digest("hex"));
  }
});

it("refuses a message that is longer than a block", () => {
  expect(() => sha256(randomBytes(56))).toThrow(RangeError);
});
