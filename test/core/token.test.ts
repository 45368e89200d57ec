import { expect, it } from "vitest";
import type { SessionId } from "../../src/core/ids.js";
import { signToken, verifyToken } from "../../src/core/token.js";

const secret = "a secret of at least thirty-two characters";
const sessionId = "kTq0c0WJ2n1sY6n0m8tE4w" as SessionId;

it("verifies its own tokens", () => {
  expect(verifyToken(secret, signToken(secret, sessionId))?.sessionId).toBe(sessionId);
});

it("refuses a token of another secret", () => {
  expect(verifyToken(secret, signToken(`${secret}!`, sessionId))).toBeUndefined();
});

it("refuses a token with any changed character", () => {
  const token = signToken(secret, sessionId);
  for (let index = 0; index < token.length; index++) {
    const changed = token.slice(0, index) + (token[index] === "A" ? "B" : "A") + token.slice(index + 1);
    expect(verifyToken(secret, changed), changed).toBeUndefined();
    expect(verifyToken(secret, token.slice(0, index)), token.slice(0, index)).toBeUndefined();
  }
});

it("refuses text that is not a token", () => {
  for (const text of ["", ".", "a.", ".b", "a".repeat(1000), sessionId])
    expect(verifyToken(secret, text)).toBeUndefined();
});
