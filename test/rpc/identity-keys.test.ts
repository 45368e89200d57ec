import { generateKeyPairSync, sign } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportSPKI, importJWK } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppKeys } from "../support/app-keys.js";
import { roomy } from "../support/pair.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { encode, nowS, open, raw } from "./support/identity-tokens.js";

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

  it("are refused if the key is too weak, as if it was not published", async () => {
    const weak = generateKeyPairSync("rsa", { modulusLength: 1_024 });
    const jwk = { ...weak.publicKey.export({ format: "jwk" }), kid: "weak" };
    const content = `${encode({ alg: "RS256", kid: "weak" })}.${encode({ sub: "ann", exp: nowS() + 600 })}`;
    const token = `${content}.${sign("sha256", Buffer.from(content), weak.privateKey).toString("base64url")}`;
    const own = await AppKeys.publish();
    own.publishBeside(jwk);
    const other = await startServer({ ...roomy, IDENTITY_JWKS: own.url });
    expect(await refusalOf(open(other, token))).toMatchObject({ code: "Unauthenticated", problem: "key" });
    await open(other, await own.sign({ sub: "ann" }));
    await other.close();
    own.close();
  });
});
