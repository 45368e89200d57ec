import { createHmac } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportSPKI, importJWK } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SessionClosed_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { AppKeys, appSecret, identityToken } from "../support/app-keys.js";
import { pair, roomy, uniqueInterest } from "../support/pair.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { behindProxy, meet, talk, transportFrom } from "./support/networks.js";

const nowS = () => Math.floor(Date.now() / 1000);
const encode = (value: unknown) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** A token with any header and claims, signed with HS256. */
function raw(header: unknown, claims: unknown, secret: string | Buffer = appSecret): string {
  const content = `${encode(header)}.${encode(claims)}`;
  return `${content}.${createHmac("sha256", secret).update(content).digest("base64url")}`;
}

const open = (server: TestServer, identity?: string, resume = {}) =>
  TestClient.open(transportTo(server.url), { ...resume, ...(identity !== undefined && { identityToken: identity }) });

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

  it("may have 4 KiB, and no byte more", async () => {
    const claims = valid();
    const padded = (count: number) => raw(hs256, { ...claims, padding: "a".repeat(count) });
    const longest = Array.from({ length: 3200 }, (_, count) => count).findLast((count) => padded(count).length <= 4096);
    await open(server, padded(longest ?? 0));
    const refusal = await refusalOf(open(server, padded((longest ?? 0) + 1)));
    expect(refusal).toMatchObject({ code: "InvalidArgument", field: "identity_token" });
  });

  it("never appear in the log", async () => {
    const canary = raw(hs256, { ...valid(), sub: "canary-subject", exp: 1 });
    await refusalOf(open(server, canary));
    await open(server, raw(hs256, { ...valid(), sub: "canary-subject" }));
    expect(server.log).not.toContain(canary.split(".")[1]);
    expect(server.log).not.toContain("canary");
  });
});

describe("tokens signed with the app's private key", () => {
  let keys: AppKeys;
  let server: TestServer;
  beforeAll(async () => {
    keys = await AppKeys.publish();
    server = await startServer({ ...roomy, IDENTITY_JWKS: keys.url });
  });
  afterAll(async () => {
    await server.close();
    keys.close();
  });

  it.each(["RS256", "PS256", "ES256", "ES384", "EdDSA"])("are accepted with %s", async (alg) => {
    const own = await AppKeys.publish(alg);
    const other = await startServer({ ...roomy, IDENTITY_JWKS: own.url });
    await open(other, await own.sign({ sub: "ann" }));
    await other.close();
    own.close();
  });

  it("are refused if signed with HS256 and the public key", async () => {
    const [key] = keys.published;
    const pem = await exportSPKI((await importJWK(key ?? {}, "RS256")) as CryptoKey);
    for (const secret of [pem, JSON.stringify(key), Buffer.from(key?.n ?? "", "base64url")]) {
      const token = raw({ alg: "HS256", kid: key?.kid }, { sub: "ann", exp: nowS() + 600 }, secret);
      expect(await refusalOf(open(server, token))).toMatchObject({ reason: "IDENTITY_REFUSED", problem: "algorithm" });
    }
  });

  it("are refused if their algorithm is not that of the key", async () => {
    const es = await AppKeys.publish("ES256");
    const token = await es.sign({ sub: "ann" }, { kid: keys.published[0]?.kid ?? "" });
    expect(await refusalOf(open(server, token))).toMatchObject({ reason: "IDENTITY_REFUSED", problem: "key" });
    es.close();
  });

  it("are refused if they name a key that the app does not publish, which strangers cannot make the server fetch", async () => {
    const own = await AppKeys.publish();
    const other = await startServer({ ...roomy, IDENTITY_JWKS: own.url });
    const token = await own.sign({ sub: "ann" }, { kid: "unknown" });
    for (let count = 0; count < 10; count++) {
      expect(await refusalOf(open(other, token))).toMatchObject({ reason: "IDENTITY_REFUSED", problem: "key" });
    }
    expect(own.fetched).toBeLessThanOrEqual(2);
    await other.close();
    own.close();
  });

  it("are refused as unavailable while the keys cannot be loaded, and the start does not fail", async () => {
    const own = await AppKeys.publish();
    own.isAway = true;
    const other = await startServer({ ...roomy, IDENTITY_JWKS: own.url, LOG_LEVEL: "silent" });
    const refusal = await refusalOf(open(other, await own.sign({ sub: "ann" })));
    expect(refusal).toMatchObject({ code: "Unavailable", reason: "IDENTITY_UNAVAILABLE", retryMs: 15_000 });
    const { troubles } = (await (await fetch(`${other.url}/readyz`)).json()) as { troubles: string[] };
    expect(troubles).toEqual([expect.stringContaining("the app's keys cannot be loaded")]);
    await open(other); // anonymous people can connect
    await other.close();
    own.close();
  });

  it("are accepted while the keys can no longer be loaded", async () => {
    const own = await AppKeys.publish();
    const other = await startServer({ ...roomy, IDENTITY_JWKS: own.url });
    own.isAway = true;
    await open(other, await own.sign({ sub: "ann" }));
    await other.close();
    own.close();
  });

  it("are verified with keys from a file", async () => {
    const folder = await mkdtemp(join(tmpdir(), "satoshigle-keys-"));
    const path = join(folder, "jwks.json");
    await writeFile(path, JSON.stringify({ keys: keys.published }));
    const other = await startServer({ ...roomy, IDENTITY_JWKS: path });
    await open(other, await keys.sign({ sub: "ann" }));
    await other.close();
    for (const [content, problem] of [
      ["{", "the file is not JSON"],
      ['{"keys":[]}', "it holds no key"],
      ["[]", 'it has no list "keys"'],
      ['{"keys":[{"kty":"oct","k":"AAAA"}]}', "it holds a private or secret key"],
    ] as const) {
      await writeFile(path, content);
      await expect(startServer({ IDENTITY_JWKS: path })).rejects.toThrow(problem);
    }
    await rm(folder, { recursive: true });
    await expect(startServer({ IDENTITY_JWKS: path })).rejects.toThrow("there is no such file");
  });
});

describe("a person", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ ...roomy, IDENTITY_SECRET: appSecret });
  });
  afterAll(() => server.close());

  it("is shown to its partner", async () => {
    const profile = { name: "Ann", picture_url: "https://example.com/ann.png", badges: ["verified"] };
    const ann = await open(server, await identityToken({ sub: "ann", profile }));
    const bob = await open(server);
    const preferences = { interests: [uniqueInterest()] };
    await ann.match({ preferences });
    await bob.match({ preferences });
    expect((await bob.until("matched")).partnerProfile).toMatchObject({
      name: "Ann",
      pictureUrl: "https://example.com/ann.png",
      badges: ["verified"],
    });
    expect((await ann.until("matched")).partnerProfile).toBeUndefined();
  });

  it("has one session: a further one closes it", async () => {
    const token = await identityToken({ sub: "ben" });
    const first = await open(server, token);
    await open(server, token);
    const closed = await first.until("sessionClosed");
    expect(closed).toMatchObject({ reason: SessionClosed_Reason.SUPERSEDED, shouldReconnect: false });
    expect(await refusalOf(first.match())).toMatchObject({ reason: "SESSION_UNKNOWN" });
  });

  it("resumes its session with and without the token, and nobody else resumes it", async () => {
    const carl = await open(server, await identityToken({ sub: "carl" }));
    await carl.match({ preferences: { interests: [uniqueInterest()] } });
    await carl.until("waiting");
    await carl.break();
    const again = await open(server, undefined, carl.resume);
    expect(again.welcome.sessionId).toBe(carl.welcome.sessionId);
    expect(again.welcome.token).toBe(carl.welcome.token);
    const third = await open(server, await identityToken({ sub: "carl" }), again.resume);
    expect(third.welcome.sessionId).toBe(carl.welcome.sessionId);
    const other = open(server, await identityToken({ sub: "dora" }), third.resume);
    expect(await refusalOf(other)).toMatchObject({ reason: "IDENTITY_REFUSED", problem: "other_person" });
    const anonymous = await open(server);
    const login = open(server, await identityToken({ sub: "carl" }), anonymous.resume);
    expect(await refusalOf(login)).toMatchObject({ reason: "IDENTITY_REFUSED", problem: "other_person" });
  });

  it("is banned after reports alone, not its network", async () => {
    const strict = await startServer({ ...roomy, IDENTITY_SECRET: appSecret, BAN_AFTER_REPORTS: "1", ...behindProxy });
    const enter = async (address: string, claims?: object) =>
      TestClient.open(transportFrom(strict, address), claims && { identityToken: await identityToken({ ...claims }) });
    const [eve, ann] = [await enter("192.0.2.1", { sub: "eve" }), await enter("198.51.100.1")];
    const meeting = await meet(ann, eve);
    await talk(meeting);
    await ann.report({ matchId: meeting.matchId, reason: ReportReason.SPAM });
    expect((await eve.until("sessionClosed")).reason).toBe(SessionClosed_Reason.BANNED);
    const again = enter("203.0.113.1", { sub: "eve" });
    expect(await refusalOf(again)).toMatchObject({
      code: "PermissionDenied",
      reason: "BANNED",
      message: expect.stringMatching(/^you are banned/) as string,
    });
    await enter("192.0.2.1"); // a neighbour
    await strict.close();
  });
});

describe("IDENTITY_REQUIRED", () => {
  it("refuses anonymous sessions", async () => {
    const server = await startServer({ ...roomy, IDENTITY_SECRET: appSecret, IDENTITY_REQUIRED: "true" });
    const refusal = await refusalOf(open(server));
    expect(refusal).toMatchObject({ code: "Unauthenticated", reason: "IDENTITY_REQUIRED" });
    const ann = await open(server, await identityToken({ sub: "ann" }));
    await open(server, undefined, ann.resume);
    await server.close();
  });

  it("is not needed by a server for anonymous people, which refuses tokens", async () => {
    const server = await startServer(roomy);
    const refusal = await refusalOf(open(server, await identityToken({ sub: "ann" })));
    expect(refusal).toMatchObject({ reason: "IDENTITY_REFUSED", problem: "not_configured" });
    await pair(transportTo(server.url));
    await server.close();
  });
});
