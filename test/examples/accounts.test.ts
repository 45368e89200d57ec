import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appSecret } from "../support/app-keys.js";
import { roomy, uniqueInterest } from "../support/pair.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { Program } from "./program.js";

let server: TestServer;
let folder: string;
let app: Program;
let url: string;
beforeAll(async () => {
  server = await startServer({
    ...{ ...roomy, IDENTITY_SECRET: appSecret, IDENTITY_REQUIRED: "true" },
    MATCHING_FILE: "examples/accounts/matching.yaml",
  });
  folder = await mkdtemp(join(tmpdir(), "satoshigle-example-"));
  await start();
});
afterAll(async () => {
  await app.kill();
  await server.close();
  await rm(folder, { recursive: true });
});

const variables = () => ({ IDENTITY_SECRET: appSecret, PORT: "0", DATABASE: join(folder, "accounts.lmdb") });

async function start(): Promise<void> {
  app = Program.startWith(variables(), "accounts/main.ts");
  await app.printed(/^listening on /);
  url = /listening on (\S+)/.exec(app.output)?.[1] ?? "";
}

/** A browser, which keeps the cookie. */
class Browser {
  #cookie = "";
  lastCookie = "";

  async post(path: string, body: object = {}): Promise<{ status: number; body: Record<string, unknown> }> {
    const headers = { "content-type": "application/json", cookie: this.#cookie };
    const response = await fetch(`${url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    const cookie = response.headers.get("set-cookie");
    if (cookie !== null) [this.lastCookie, this.#cookie] = [cookie, cookie.split(";")[0] ?? ""];
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  async me(): Promise<unknown> {
    return (await fetch(`${url}/api/me`, { headers: { cookie: this.#cookie } })).json();
  }

  async token(): Promise<string> {
    return String((await this.post("/api/identity-token")).body.token);
  }
}

const password = "correct horse battery staple";

async function register(name: string, country = ""): Promise<Browser> {
  const browser = new Browser();
  expect(await browser.post("/api/register", { name, password, country })).toMatchObject({
    status: 200,
    body: { name },
  });
  return browser;
}

const enter = async (who: Browser) => TestClient.open(transportTo(server.url), { identityToken: await who.token() });
const only = (...codes: string[]) => ({ countries: codes, textOnly: false });

it("introduces two of its users to each other", async () => {
  const [ann, bob] = [await register("Ann"), await register("Bob")];
  const [first, second] = [await enter(ann), await enter(bob)];
  const preferences = { interests: [uniqueInterest()] };
  await first.match({ preferences });
  await second.match({ preferences });
  expect((await first.until("matched")).partnerProfile?.name).toBe("Bob");
  expect((await second.until("matched")).partnerProfile?.name).toBe("Ann");
});

it("says in the token who the user is, what partners see, and what matching needs", async () => {
  const carl = await register("Carl", "de");
  const claims = decodeJwt(await carl.token());
  expect(claims).toMatchObject({
    profile: { name: "Carl", badges: [] },
    ...{ attributes: { home_country: "de" }, priority: 0, restrictions: [] },
  });
  expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(600);
  await mark("is premium", "carl", "premium");
  await mark("is text-only", "carl", "text-only");
  expect(decodeJwt(await carl.token())).toMatchObject({
    ...{ sub: claims.sub, profile: { badges: ["premium"] } },
    ...{ priority: 5, restrictions: ["text_only"] },
  });
  await mark("is not text-only", "carl", "text-only", "off");
  const unknown = Program.startWith(variables(), "accounts/mark.ts", "nobody", "premium");
  await unknown.printed(/^Name a user: /);
  expect(decodeJwt(await carl.token())).toMatchObject({ priority: 5, restrictions: [] });
});

async function mark(result: string, ...args: string[]): Promise<void> {
  const program = Program.startWith(variables(), "accounts/mark.ts", ...args);
  await program.printed(new RegExp(`^Carl ${result}; subject [0-9a-f-]{36}$`));
}

it("stores whom a user wants to meet, each country once", async () => {
  const ann = await register("Adam", "gb");
  expect(await ann.post("/api/choice", only("de", "fr", "de"))).toMatchObject({
    ...{ status: 200, body: { choice: only("de", "fr") } },
  });
  expect(await ann.me()).toMatchObject({ name: "Adam", country: "gb", choice: only("de", "fr") });
});

it("keeps users and logins, but no password and no cookie", async () => {
  const dora = await register("Dora");
  const before = await dora.me();
  await app.kill();
  await start();
  expect(await dora.me()).toEqual(before);
  const stored = (await readFile(join(folder, "accounts.lmdb"))).toString("latin1");
  expect(stored).toContain("dora");
  expect(stored).not.toContain(password);
  expect(stored).not.toContain(/login=([^;]+)/.exec(dora.lastCookie)?.[1]);
});

describe("refuses", () => {
  it("a token to somebody who is not signed in, or not any more", async () => {
    expect((await new Browser().post("/api/identity-token")).status).toBe(401);
    const eve = await register("Eve");
    expect((await eve.post("/api/identity-token")).status).toBe(200);
    const thief = eve.lastCookie;
    await eve.post("/api/logout");
    expect((await eve.post("/api/identity-token")).status).toBe(401);
    const response = await fetch(`${url}/api/me`, { headers: { cookie: thief } });
    expect(await response.json()).toBeNull();
  });

  it("a wrong password, an unknown user, a name that is taken, and a short password", async () => {
    await register("Frank");
    const post = (path: string, name: string, word: string) => new Browser().post(path, { name, password: word });
    const wrong = await post("/api/login", "Frank", "wrong password");
    expect(wrong.status).toBe(401);
    expect(await post("/api/login", "Nobody", "wrong password")).toEqual(wrong);
    expect((await post("/api/login", "frank", password)).status).toBe(200);
    expect((await post("/api/register", "FRANK", password)).status).toBe(409);
    expect((await post("/api/register", "Greta", "short")).status).toBe(400);
  });

  it("cookies to scripts and other sites", async () => {
    const { lastCookie } = await register("Hedi");
    expect(lastCookie).toMatch(/^login=[\w-]{43}; /);
    for (const attribute of ["HttpOnly", "SameSite=Strict", "Path=/"]) expect(lastCookie).toContain(attribute);
  });

  it("names that others could not see or read, or take for another's", async () => {
    const statusOf = async (name: string) => (await new Browser().post("/api/register", { name, password })).status;
    for (const name of ["", "  ", "two\nlines", "\u202egnorw", "\u200b", "\u0000", "\ud800", "a".repeat(33)]) {
      expect(await statusOf(name), JSON.stringify(name)).toBe(400);
    }
    await register("Ilse");
    expect(await statusOf(" \uff29\uff4c\uff53\uff45 ")).toBe(409);
  });

  it("a choice that makes no sense, and keeps the one before", async () => {
    const jan = await register("Jan", "pl");
    await jan.post("/api/choice", only("de"));
    const six = only("ar", "br", "ca", "de", "es", "fr");
    for (const choice of [six, only("xx"), only("<b>"), { countries: "de" }, { ...only(), textOnly: "no" }, {}]) {
      expect((await jan.post("/api/choice", choice)).status, JSON.stringify(choice)).toBe(400);
    }
    expect(await jan.me()).toMatchObject({ choice: only("de") });
    expect((await new Browser().post("/api/choice", only("de"))).status).toBe(401);
    expect((await new Browser().post("/api/register", { name: "Kim", password, country: "xx" })).status).toBe(400);
  });
});

describe("a user cannot say", () => {
  const wishes = { isPremium: true, isRestricted: false, priority: 9, country: "us", id: "another", restrictions: [] };

  it("its country, its priority or its restrictions to the app", async () => {
    const lea = new Browser();
    await lea.post("/api/register", { name: "Lea", password, ...wishes, country: "de" });
    const { sub } = decodeJwt(await lea.token());
    await lea.post("/api/choice", { ...only("fr"), ...wishes });
    const { body } = await lea.post("/api/identity-token", { ...wishes, attributes: { home_country: "us" } });
    expect(sub).not.toBe("another");
    expect(decodeJwt(String(body.token))).toMatchObject({
      ...{ sub, attributes: { home_country: "de" }, priority: 0, profile: { badges: [] } },
    });
  });

  it("its country to the server", async () => {
    const mia = await enter(await register("Mia", "de"));
    const attributes = [{ name: "home_country", values: ["us"] }];
    const refusal = await refusalOf(mia.match({ attributes }));
    expect(refusal).toMatchObject({ code: "InvalidArgument", field: "attributes" });
    expect(refusal.message).toContain("`home_country` is said by the app");
  });

  it("anything in a token that it changed", async () => {
    const [header, claims, signature] = (await (await register("Nils")).token()).split(".");
    const content = JSON.parse(Buffer.from(claims ?? "", "base64url").toString()) as object;
    const changed = Buffer.from(JSON.stringify({ ...content, priority: 9 })).toString("base64url");
    const identityToken = [header, changed, signature].join(".");
    const refusal = await refusalOf(TestClient.open(transportTo(server.url), { identityToken }));
    expect(refusal).toMatchObject({ code: "Unauthenticated", problem: "signature" });
  });
});

it("has names that the server accepts", async () => {
  const widest = "\u{1f600}".repeat(32);
  const ole = await enter(await register(widest));
  const pia = await enter(await register("Pia"));
  const preferences = { interests: [uniqueInterest()] };
  await ole.match({ preferences });
  await pia.match({ preferences });
  expect((await pia.until("matched")).partnerProfile?.name).toBe(widest);
});
