import { generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppKeys, appSecret } from "../support/app-keys.js";
import { freePort } from "../support/ports.js";
import { outcomeOf, temporaryFolder } from "./support.js";

let app: AppKeys;
beforeAll(async () => {
  app = await AppKeys.publish("ES256");
});
afterAll(() => {
  app.close();
});

const expected = { IDENTITY_ISSUER: "https://app.example.com", IDENTITY_AUDIENCE: "calls" };
const on = async (variables: Record<string, string>) => (await outcomeOf(variables)).on("identity");

it("says that nobody has an identity, or how tokens are verified", async () => {
  expect(await on({})).toEqual(["ok not used: all sessions are anonymous"]);
  expect(await on({ IDENTITY_SECRET: appSecret })).toEqual([
    "ok tokens are verified with IDENTITY_SECRET, and optional",
  ]);
  expect(await on({ IDENTITY_SECRET: appSecret, IDENTITY_REQUIRED: "true" })).toEqual([
    "ok tokens are verified with IDENTITY_SECRET, and required",
  ]);
});

describe("the keys of the app", () => {
  it("are loaded", async () => {
    const [key] = app.published;
    expect(await on({ IDENTITY_JWKS: app.url, ...expected })).toEqual([
      `ok ${app.url} has 1 usable keys: key ${key?.kid ?? ""} (P-256)`,
    ]);
  });

  it("are not there", async () => {
    const { on: found, exitCode } = await outcomeOf({
      IDENTITY_JWKS: `http://127.0.0.1:${String(await freePort())}/jwks.json`,
      ...expected,
    });
    expect(found("identity")).toEqual([
      expect.stringMatching(
        /^fail IDENTITY_JWKS=http:.* cannot be used: the server cannot be reached \(ECONNREFUSED\) → /,
      ),
    ]);
    expect(exitCode).toBe(1);
  });

  it("may be unusable", async () => {
    const rsa = (modulusLength: number) =>
      generateKeyPairSync("rsa", { modulusLength }).publicKey.export({ format: "jwk" });
    const [good = {}] = app.published;
    const path = join(await temporaryFolder(), "jwks.json");
    const keys = [
      { ...rsa(1_024), kid: "weak" },
      { ...good, kid: "off", x: good.y },
      { ...good, kid: "secrecy", use: "enc" },
      { ...good, kid: "bitcoin", crv: "secp256k1" },
      { ...good, kid: "hmac", alg: "HS256" },
      { ...good, kid: "good" },
      { ...rsa(2_048), kid: undefined },
    ];
    await writeFile(path, JSON.stringify({ keys }));
    const found = await on({ IDENTITY_JWKS: path, ...expected });
    expect(found.map((line) => line.replace(/ of \/.*?jwks\.json/, "").replace(/ → .*/, ""))).toEqual([
      expect.stringMatching(/^ok .* has 2 usable keys: key good \(P-256\), a key without a kid \(RSA\)$/),
      "warn key weak has 1024 bits, and needs 2048",
      "warn key off is not valid",
      "warn key secrecy is not for signatures",
      "warn key bitcoin has a type or a curve that is not supported",
      "warn key hmac has an algorithm that is not supported",
      "warn several keys are published, and not all have a kid",
    ]);
    await writeFile(path, JSON.stringify({ keys: keys.slice(0, 1) }));
    expect(await on({ IDENTITY_JWKS: path, ...expected })).toEqual([
      expect.stringContaining("no key in it can be used: one has 1024 bits, and needs 2048"),
    ]);
  });

  it("may sign for other apps too", async () => {
    expect((await on({ IDENTITY_JWKS: app.url })).at(-1)).toMatch(/^warn .* → set IDENTITY_AUDIENCE/);
  });
});
