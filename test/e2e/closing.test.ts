import { durationMs } from "@bufbuild/protobuf/wkt";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { MatchEnded_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { TestClient as Partner, transportTo } from "../support/test-client.js";
import { freePort } from "../support/ports.js";
import { BareSite, BareTabs } from "./support/bare-tabs.js";
import { CallPage } from "./support/call-page.js";
import { launchChromium } from "./support/chromium.js";
import { ServerProcess } from "./support/server-process.js";

const WINDOW_MS = 60_000;
const RELOAD_MS = 5_000;

let browser: Browser;
let site: BareSite;
let server: ServerProcess;
beforeAll(async () => {
  browser = await launchChromium({ ignoreDefaultArgs: ["--disable-back-forward-cache"] });
  site = await BareSite.start(await freePort());
  server = await ServerProcess.start({
    MAX_DISCONNECTION_DURATION_MS: String(WINDOW_MS),
    CONNECTION_TIMEOUT_MS: String(5 * WINDOW_MS), // the partner negotiates nothing
    MAX_CONNECTIONS_PER_IP: "100",
    CLIENT_URL: site.origin,
  });
});
afterAll(async () => {
  await browser.close();
  await server.close();
  site.close();
});

let people: CallPage[] = [];
afterEach(async () => {
  await Promise.all(people.map((person) => person.leaveForGood()));
  people = [];
});

async function arrive(): Promise<CallPage> {
  const person = await CallPage.arrive(browser, server.url);
  people.push(person);
  return person;
}

/** Somebody at the page in a match with somebody on the bare RPCs. */
async function meet(): Promise<[CallPage, Partner]> {
  const ann = await arrive();
  await ann.startFirst();
  return [ann, await meetWaiting()];
}

async function meetWaiting(): Promise<Partner> {
  const bob = await Partner.open(transportTo(server.url));
  await bob.match();
  await bob.until("matched");
  return bob;
}

/** How long the partner is said to have for coming back, in milliseconds. */
async function windowOf(bob: Partner): Promise<number> {
  const { timeLeft } = await bob.until("partnerAway");
  return timeLeft ? durationMs(timeLeft) : 0;
}

/** The paths of the calls that a page makes from now on. */
function callsOf({ page }: CallPage): string[] {
  const calls: string[] = [];
  page.on("request", (request) => calls.push(new URL(request.url()).pathname.split("/").at(-1) ?? ""));
  return calls;
}

it("frees the partner of a closed tab within seconds", async () => {
  const [ann, bob] = await meet();
  await ann.page.close();
  while ((await windowOf(bob)) > RELOAD_MS); // the stream may break before the goodbye arrives
  expect((await bob.until("matchEnded")).reason).toBe(MatchEnded_Reason.PARTNER_LOST);
});

it("resumes after a reload, which has the full window again: also when the tab crashes", async () => {
  const [ann, bob] = await meet();
  const before = await ann.sessionId();
  await ann.page.reload();
  await bob.until("partnerBack");
  expect(await ann.sessionId()).toBe(before);
  const devtools = await ann.context.newCDPSession(ann.page);
  void devtools.send("Page.crash").catch(() => undefined);
  expect(await windowOf(bob)).toBeGreaterThan(RELOAD_MS);
});

it("says no goodbye when the page is only hidden, as when people switch apps on a phone", async () => {
  const [ann, bob] = await meet();
  const calls = callsOf(ann);
  await ann.show(false);
  await ann.show(true);
  await ann.next();
  expect((await bob.until("matchEnded")).reason).toBe(MatchEnded_Reason.PARTNER_SKIPPED);
  expect(calls).not.toContain("Goodbye");
});

it("comes back from the back-forward cache with its session", async () => {
  const ann = await arrive();
  await ann.startFirst();
  await ann.stop();
  await ann.page.reload(); // without a camera, whose pages are not cached
  await ann.untilConnection("online");
  const session = await ann.sessionId();
  const calls = callsOf(ann);
  await ann.page.evaluate(() => {
    window.addEventListener("pageshow", ({ persisted }) => Object.assign(window, { persisted }));
  });
  await ann.page.goto(`${server.url}/healthz`);
  await ann.page.evaluate(() => void setTimeout(() => history.back())); // the page must live to answer
  await ann.page.waitForFunction(() => (window as { persisted?: boolean }).persisted === true);
  await expect.poll(() => calls).toContain("Signal");
  await ann.untilConnection("online");
  expect(await ann.sessionId()).toBe(session);
  await ann.startFirst();
  await meetWaiting();
  await ann.until("connecting");
});

it("says goodbye from a page of another origin", async () => {
  const context = await browser.newContext({ permissions: ["local-network-access"] }); // the server is on loopback
  const page = await BareTabs.of(context, site, server.url).open();
  await page.evaluate(() => window.bare.client.start());
  const bob = await meetWaiting();
  await page.close();
  while ((await windowOf(bob)) > RELOAD_MS);
  expect((await bob.until("matchEnded")).reason).toBe(MatchEnded_Reason.PARTNER_LOST);
  await context.close();
});
