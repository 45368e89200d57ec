import type { DescMethod } from "@bufbuild/protobuf";
import { createHmac } from "node:crypto";
import type { Dice } from "../../rpc/support/dice.js";
import { appSecret } from "../../support/app-keys.js";

/** The schema of the attacked server. */
export const MATCHING_FILE = `
attributes:
  - { name: interests, gives_way_after_seconds: 600 }
  - name: languages
  - name: mode
  - { name: gender, values: [f, m, x] }
  - { name: level, values: [high, low], gives_way_after_seconds: 1 }
  - { name: verified, values: ["yes", "no"], said_by: [app], default: "no" }
`;

/** Texts that parsers, validators and stores may mistake. */
const texts = [
  ...["", " ", "a", "f", "high", "video", "text", "yes", "gender", "level", "mode", "verified", "interests", "country"],
  ...["__proto__", "constructor", "toString", "~", "^", "a:b", "{main}", "%s", "$1", "*", "-1", "1e999", "null"],
  ...["é", "ﬃ", "\u0000", "\n", "\u202e", "\ud83d\ude00", "\u200b", "x".repeat(32), "x".repeat(33), "ß".repeat(32)],
];

/**
 * Draws a request whose bytes are well-formed but whose fields are odd, for methods with fields that are parsed further;
 * undefined for any other method.
 */
export function drawFields(dice: Dice, { name }: DescMethod): Record<string, unknown> | undefined {
  if (name === "Signal") return { identityToken: drawToken(dice), deviceKey: drawDeviceKey(dice) };
  if (name === "Match") return { attributes: drawValues(dice), filters: drawValues(dice), rematch: dice.hits(2) };
  return undefined;
}

function drawDeviceKey(dice: Dice): string {
  return dice.hits(2) ? dice.bytes(16).toString("base64url") : dice.pick(texts).repeat(dice.roll(9));
}

function drawValues(dice: Dice) {
  return Array.from({ length: dice.roll(5) }, () => ({
    name: dice.pick(texts),
    values: Array.from({ length: dice.roll(4) }, () => dice.pick(texts)),
  }));
}

/** A token that is mostly signed as the app does, with odd claims, so that what is behind the signature is attacked. */
function drawToken(dice: Dice): string {
  const header = dice.hits(6) ? drawValue(dice, 2) : { alg: "HS256" };
  const nowS = Math.floor(Date.now() / 1000);
  const usual = { sub: dice.pick(["ann", "bob", ...texts]), exp: nowS + 600 };
  const names = ["sub", "exp", "nbf", "iat", "aud", "attributes", "profile", "priority", "restrictions", "__proto__"];
  const odd = Object.fromEntries(
    Array.from({ length: dice.roll(4) }, () => [dice.pick(names), drawValue(dice, 3)] as const),
  );
  const content = `${encode(header)}.${encode({ ...usual, ...odd })}`;
  const signature = createHmac("sha256", appSecret).update(content).digest("base64url");
  const token = `${content}.${signature}`;
  return dice.hits(8) ? token.slice(dice.roll(9), dice.roll(token.length)) : token.slice(0, 4_096);
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** A JSON value of at most that depth. */
function drawValue(dice: Dice, depth: number): unknown {
  switch (dice.roll(depth > 0 ? 7 : 5)) {
    case 0:
      return null;
    case 1:
      return dice.hits(2);
    case 2:
      return dice.pick([0, -1, 0.5, 9, 10, 2 ** 53, -(2 ** 63), 1e308, 1_000_000_000]);
    case 3:
    case 4:
      return dice.pick(texts);
    case 5:
      return Array.from({ length: dice.roll(4) }, () => drawValue(dice, depth - 1));
    default: {
      const names = ["name", "picture_url", "badges", "gender", "verified", "level", "alg", ...texts];
      return Object.fromEntries(
        Array.from({ length: dice.roll(4) }, () => [dice.pick(names), drawValue(dice, depth - 1)]),
      );
    }
  }
}
