import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appSecret } from "../support/app-keys.js";
import { roomy, uniqueInterest } from "../support/pair.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { encode, nowS, open, raw } from "./support/identity-tokens.js";

describe("tokens signed with a shared secret", () => {
  let server: TestServer;
  beforeAll(async () => {
    const expected = { IDENTITY_ISSUER: "https://app.example.com", IDENTITY_AUDIENCE: "calls" };
    server = await startServer({ ...roomy, IDENTITY_SECRET: appSecret, ...expected });
  });
  afterAll(() => server.close());

  const good = { sub: "ann", iss: "https://app.example.com", aud: "calls" };
  const valid = () => ({ ...good, exp: nowS() + 600 });
  const hs256 = { alg: "HS256" };

  it("open a session, and so does no token", async () => {
    expect((await open(server, raw(hs256, valid()))).welcome.token).toMatch(/^[\w-]+\.~[\w-]{22}\.[\w-]{43}$/);
    expect((await open(server)).welcome.token).toMatch(/^[\w-]+\.[\w-]{43}$/);
  });

  it("may be signed by a clock that differs by half a minute", async () => {
    await open(server, raw(hs256, { ...valid(), exp: nowS() - 20, nbf: nowS() + 20 }));
  });

  it.each<[what: string, token: () => string, problem: string]>([
    ["expired", () => raw(hs256, { ...valid(), exp: nowS() - 40 }), "expired"],
    ["not yet valid", () => raw(hs256, { ...valid(), nbf: nowS() + 100 }), "not_yet_valid"],
    ["of another issuer", () => raw(hs256, { ...valid(), iss: "https://evil.example.com" }), "claim"],
    ["without an issuer", () => raw(hs256, { ...valid(), iss: undefined }), "claim"],
    ["for another audience", () => raw(hs256, { ...valid(), aud: ["mail", "files"] }), "claim"],
    ["without an expiry", () => raw(hs256, { ...valid(), exp: undefined }), "claim"],
    ["with an expiry that is no number", () => raw(hs256, { ...valid(), exp: "tomorrow" }), "claim"],
    ["without a subject", () => raw(hs256, { ...valid(), sub: undefined }), "claim"],
    ["with an empty subject", () => raw(hs256, { ...valid(), sub: "" }), "claim"],
    ["with a long subject", () => raw(hs256, { ...valid(), sub: "a".repeat(129) }), "claim"],
    ["with a subject of several lines", () => raw(hs256, { ...valid(), sub: "a\nb" }), "claim"],
    ["with a subject that is no text", () => raw(hs256, { ...valid(), sub: { a: 1 } }), "claim"],
    ["without a signature", () => `${encode({ alg: "none" })}.${encode(valid())}.`, "algorithm"],
    ["signed with another secret", () => raw(hs256, valid(), "x".repeat(32)), "signature"],
    [
      "with changed claims",
      () => raw(hs256, valid()).replace(encode(valid()), encode({ ...valid(), sub: "bob" })),
      "signature",
    ],
    ["of another algorithm", () => raw({ alg: "HS512" }, valid()), "algorithm"],
    ["with a critical extension", () => raw({ ...hs256, crit: ["x"], x: 1 }, valid()), "malformed"],
    ["that is no JWT", () => "ann", "malformed"],
    ["with claims that are no object", () => raw(hs256, "[]"), "malformed"],
    ["with a profile that is no object", () => raw(hs256, { ...valid(), profile: "Ann" }), "claim"],
    ["with an unknown part of a profile", () => raw(hs256, { ...valid(), profile: { age: 20 } }), "claim"],
    [
      "with a picture of another scheme",
      () => raw(hs256, { ...valid(), profile: { picture_url: "javascript:1" } }),
      "claim",
    ],
    [
      "with a profile of over 1 KiB",
      () =>
        raw(hs256, {
          ...valid(),
          profile: {
            badges: Array(8).fill("€".repeat(32)),
            name: "€".repeat(64),
            picture_url: `https://x.example/${"a".repeat(90)}`,
          },
        }),
      "claim",
    ],
    ["with too many badges", () => raw(hs256, { ...valid(), profile: { badges: Array(9).fill("a") } }), "claim"],
  ])("are refused if %s", async (_what, token, problem) => {
    const refusal = await refusalOf(open(server, token()));
    expect(refusal).toMatchObject({
      code: "Unauthenticated",
      reason: "IDENTITY_REFUSED",
      field: "identity_token",
      problem,
    });
    expect(refusal.message).toMatch(/^identity_token: /);
    expect(refusal.message).not.toContain(encode(valid()).slice(0, 12));
  });

  it("with a claim twice have the last value, as JSON.parse reads them", async () => {
    const claims = JSON.stringify(valid()).replace('"sub":"ann"', '"sub":"bob","sub":"ann"');
    const [ann, twice] = [await open(server, raw(hs256, valid())), await open(server, raw(hs256, claims))];
    expect(twice.welcome.token.split(".")[1]).toBe(ann.welcome.token.split(".")[1]);
  });

  it("with a parameter of the header twice have the last value", async () => {
    await open(server, raw('{"alg":"none","alg":"HS256"}', valid()));
    const refusal = await refusalOf(open(server, raw('{"alg":"HS256","alg":"none"}', valid())));
    expect(refusal).toMatchObject({ reason: "IDENTITY_REFUSED", problem: "algorithm" });
  });

  it("may have other claims, however deep", async () => {
    const deep = `${"[".repeat(1_400)}${"]".repeat(1_400)}`;
    await open(server, raw(hs256, JSON.stringify(valid()).replace("{", `{"more":${deep},`)));
    const refusal = await refusalOf(open(server, raw(hs256, { ...valid(), profile: { name: { first: "Ann" } } })));
    expect(refusal).toMatchObject({ problem: "claim", message: expect.stringContaining("profile.name") as string });
  });

  it("may have 4 KiB, and no byte more", async () => {
    const claims = valid();
    const padded = (count: number) => raw(hs256, { ...claims, padding: "a".repeat(count) });
    const longest = Array.from({ length: 3200 }, (_, count) => count).findLast((count) => padded(count).length <= 4096);
    await open(server, padded(longest ?? 0));
    const refusal = await refusalOf(open(server, padded((longest ?? 0) + 1)));
    expect(refusal).toMatchObject({ code: "InvalidArgument", field: "identity_token" });
  });

  it("never appear in the log, nor do subjects and profiles", async () => {
    const claims = { ...valid(), sub: "canary-subject", profile: { name: "canary-name" } };
    const tokens = [
      raw(hs256, { ...claims, exp: 1 }),
      raw(hs256, claims, "x".repeat(32)),
      raw({ alg: "canary" }, claims),
      raw(hs256, { ...claims, sub: ["canary-subject"] }),
      raw(hs256, { ...claims, padding: "canary".repeat(1_000) }),
    ];
    for (const token of tokens) await refusalOf(open(server, token));
    const accepted = raw(hs256, claims);
    const client = await open(server, accepted);
    await client.match({ preferences: { interests: [uniqueInterest()] } });
    await client.break();
    await open(server, accepted, client.resume);
    await open(server, accepted);
    for (const token of [...tokens, accepted]) {
      for (const part of token.split(".")) if (part.length > 30) expect(server.log).not.toContain(part);
    }
    expect(server.log).toContain("Server listening");
    expect(server.log).not.toContain("canary");
  });
});
