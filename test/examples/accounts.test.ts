import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appSecret } from "../support/app-keys.js";
import { roomy, uniqueInterest } from "../support/pair.js";
import { startServer, type TestServer } from "../support/server.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { Program } from "./program.js";

let server: TestServer;
let folder: string;
let app: Program;
let url: string;
beforeAll(async () => {
  server = await startServer({ ...roomy, IDENTITY_SECRET: appSecret, IDENTITY_REQUIRED: "true" });
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

it("introduces two of its users to each other", async () => {
  const [ann, bob] = [await register("Ann"), await register("Bob")];
  const enter = async (who: Browser) => TestClient.open(transportTo(server.url), { identityToken: await who.token() });
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
    attributes: { country: "de" },
    priority: 0,
  });
  expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(600);
  const premium = Program.startWith(variables(), "accounts/premium.ts", "carl");
  await premium.printed(/^carl is premium$/);
  expect(decodeJwt(await carl.token())).toMatchObject({
    sub: claims.sub,
    profile: { badges: ["premium"] },
    priority: 5,
  });
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
});
