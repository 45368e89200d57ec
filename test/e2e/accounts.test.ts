import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import type { Browser, Page } from "playwright-core";
import { build, preview, type PreviewServer } from "vite";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createApp } from "../../examples/accounts/app.js";
import { appSecret } from "../support/app-keys.js";
import { GrpcClient, type Message } from "../support/grpc.js";
import { freePort } from "../support/ports.js";
import { launchBrowser } from "./support/call-page.js";
import { ServerProcess } from "./support/server-process.js";

const ROOT = "examples/accounts/page";
const PASSWORD = "correct horse battery staple";

let [browser, server, app, site]: [Browser, ServerProcess, FastifyInstance, PreviewServer] = [] as never;
let [folder, url, internalUrl] = ["", "", ""];

beforeAll(async () => {
  const [port, internalPort] = [await freePort(), String(await freePort())];
  internalUrl = `http://127.0.0.1:${internalPort}`;
  url = `http://localhost:${String(port)}`;
  browser = await launchBrowser();
  const identity = { IDENTITY_SECRET: appSecret, IDENTITY_REQUIRED: "true" };
  server = await ServerProcess.start({
    ...identity,
    CLIENT_URL: url,
    INTERNAL_PORT: internalPort,
    TRUST_PROXY: "loopback",
  });
  folder = await mkdtemp(join(tmpdir(), "satoshigle-example-"));
  app = createApp({ path: join(folder, "accounts.lmdb"), identitySecret: appSecret, isSecure: false });
  const proxy = { "/api": await app.listen({ port: 0, host: "127.0.0.1" }) };
  const outDir = join(folder, "page");
  const define = { "import.meta.env.VITE_SERVER": JSON.stringify(server.url) };
  const shared = { root: ROOT, configFile: false as const, logLevel: "silent" as const };
  await build({ ...shared, define, build: { outDir } });
  site = await preview({ ...shared, build: { outDir }, preview: { port, strictPort: true, host: "localhost", proxy } });
});
afterAll(async () => {
  await browser.close();
  await site.close();
  await app.close();
  await server.close();
  await rm(folder, { recursive: true });
});

/** Part of each name, so that a test that is repeated finds none taken. */
let attempt = 0;
beforeEach(() => {
  attempt++;
});

/** Opens the page in a browser profile of its own, which reaches the server from an address. */
async function visit(address: string): Promise<Page> {
  const context = await browser.newContext({ permissions: ["camera", "microphone"] });
  context.setDefaultTimeout(60_000);
  await context.route(`${server.url}/**`, (route, request) =>
    route.continue({ headers: { ...request.headers(), "x-forwarded-for": address } }),
  );
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

async function enter(page: Page, name: string, button: "login" | "register"): Promise<void> {
  await page.locator("#name").fill(`${name} ${String(attempt)}`);
  await page.locator("#password").fill(PASSWORD);
  await page.locator(`#${button}`).click();
  await page.locator("#me", { hasText: name }).waitFor();
}

async function register(name: string, address: string): Promise<Page> {
  const page = await visit(address);
  await enter(page, name, "register");
  return page;
}

async function leave(...pages: Page[]): Promise<void> {
  for (const page of pages) await page.context().close();
}

const frames = (page: Page) =>
  page.locator("#remote").evaluate((video: HTMLVideoElement) => video.getVideoPlaybackQuality().totalVideoFrames);

async function says(page: Page, id: string, text: string | RegExp): Promise<void> {
  await page
    .locator(`#${id}`, { hasText: text })
    .waitFor()
    .catch(async () => {
      throw new Error(`#${id} does not say ${String(text)} in: ${await page.locator("body").innerText()}`);
    });
}

/** Both see each other. */
async function seeEachOther(...pages: Page[]): Promise<void> {
  for (const page of pages) await says(page, "status", "In a call: connected");
  for (const page of pages) await expect.poll(() => frames(page), { timeout: 60_000 }).toBeGreaterThan(5);
}

/** Bans the person who was reported in the match that a page left last, which shows the end before it is stored. */
async function banReported(known: number): Promise<void> {
  const moderation = new GrpcClient("satoshigle.internal.v1.ModerationService", internalUrl);
  const reports = async () => ((await moderation.call("listReports", {})) as { reports: Message[] }).reports;
  await expect.poll(async () => (await reports()).length).toBe(known + 1);
  const [report] = await reports();
  expect(report?.reportedSubject).not.toBe("");
  await moderation.call("ban", { subject: report?.reportedSubject, reason: "spam", duration: { seconds: 3_600 } });
  moderation.close();
}

it("type-checks", () => {
  execFileSync(process.execPath, ["node_modules/typescript-native/bin/tsc", "-p", ROOT], { stdio: "pipe" });
});

it("introduces two users to each other", async () => {
  const ann = await register("Ann", "192.0.2.1");
  const bob = await register('<b id="x">Bob</b>', "198.51.100.1");
  for (const page of [ann, bob]) await page.locator("#start").click();
  await seeEachOther(ann, bob);
  await says(ann, "partner", '<b id="x">Bob</b>');
  await says(bob, "partner", "Ann");
  expect(await ann.locator("#x").count()).toBe(0);

  // After a reload the call goes on, with the name.
  await bob.reload();
  await says(bob, "partner", "Ann");
  await expect.poll(() => frames(bob), { timeout: 60_000 }).toBeGreaterThan(5);
  await leave(ann, bob);
});

it("stops a second tab of a person from taking turns with the first", async () => {
  const first = await register("Carl", "192.0.2.1");
  await first.locator("#start").click();
  await says(first, "status", "Waiting");
  const second = await first.context().newPage();
  await second.goto(url);
  await second.locator("#start").click();
  await says(second, "status", "Waiting");
  await says(first, "problem", "superseded");
  await says(first, "status", "closed");
  await first.locator("#start").click();
  await says(first, "status", "Waiting");
  await says(second, "status", "closed");
  await leave(first);
});

it("keeps the session of one user from the next one in the same tab", async () => {
  const page = await register("Dora", "192.0.2.1");
  await page.locator("#start").click();
  await says(page, "status", "Waiting");
  await page.locator("#logout").click();
  await enter(page, "Emil", "register");
  expect(await page.evaluate(() => Object.keys(sessionStorage))).toEqual([]);
  const other = await register("Dora's friend", "192.0.2.1");
  for (const one of [page, other]) await one.locator("#start").click();
  await says(other, "partner", "Emil");
  await leave(page, other);
});

/** Reports that the attempts at the next test have made. */
let reportsMade = 0;
it("bans a user on every network, and not the neighbours", async () => {
  const ann = await register("Anna", "192.0.2.1");
  const bob = await register("Bobby", "198.51.100.1");
  for (const page of [ann, bob]) await page.locator("#start").click();
  await seeEachOther(ann, bob);
  await ann.locator("#report").click();
  await says(ann, "status", "Press Start.");
  await banReported(reportsMade++);
  await says(bob, "problem", /banned/);
  await says(bob, "status", "closed");

  const elsewhere = await visit("203.0.113.1");
  await enter(elsewhere, "Bobby", "login");
  await elsewhere.locator("#start").click();
  await says(elsewhere, "problem", /banned/);
  await says(elsewhere, "status", "closed");

  const neighbour = await register("Nora", "198.51.100.2");
  await neighbour.locator("#start").click();
  await says(neighbour, "status", /Waiting|In a call/);
  await leave(ann, bob, elsewhere, neighbour);
});
