import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, it, type ExpectStatic } from "vitest";
import { roomy } from "../support/pair.js";
import { CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { ServerProcess } from "./support/server-process.js";

/** Longer than the default time for which the server keeps a session whose stream has ended. */
const PAUSE_MS = 70_000;

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** Suspends a page, and returns how to continue it. */
type Suspend = (own: Browser, person: CallPage) => Promise<() => Promise<void>>;

/** Stops the processes that run pages, as a system does with what has no time to run. */
const stopRenderers: Suspend = async (own) => {
  const session = await own.newBrowserCDPSession();
  const { processInfo } = (await session.send("SystemInfo.getProcessInfo")) as {
    processInfo: { type: string; id: number }[];
  };
  const renderers = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
  const signal = (name: NodeJS.Signals) => {
    for (const id of renderers) process.kill(id, name);
  };
  signal("SIGSTOP");
  return () => {
    signal("SIGCONT");
    return Promise.resolve();
  };
};

/** Freezes the page, as a browser does with a tab in the background. */
const freeze: Suspend = async (_own, { page, context }) => {
  const session = await context.newCDPSession(page);
  await session.send("Page.setWebLifecycleState", { state: "frozen" });
  return async () => {
    await session.send("Page.setWebLifecycleState", { state: "active" });
    await session.detach();
  };
};

interface Scene {
  ann: CallPage;
  bob: CallPage;
  /** Suspends Ann's page for the whole pause. */
  pause: () => Promise<void>;
}

/** Two pages at a server of their own. Ann has a browser of her own, whose processes can be stopped. */
async function play(suspend: Suspend, act: (scene: Scene) => Promise<void>): Promise<void> {
  const server = await ServerProcess.start(roomy);
  const own = await launchBrowser();
  const ann = await CallPage.arrive(own, server.url);
  const bob = await CallPage.arrive(browser, server.url);
  try {
    await act({
      ann,
      bob,
      pause: async () => {
        const goOn = await suspend(own, ann);
        await sleep(PAUSE_MS);
        await goOn();
      },
    });
  } finally {
    await bob.leaveForGood();
    await own.close();
    await server.close();
  }
}

/** Runs a pause during a call. The same session sees the partner again, and neither page says that the call failed. */
async function pauseCall(suspend: Suspend, expect: ExpectStatic): Promise<void> {
  await play(suspend, async ({ ann, bob, pause }) => {
    await ann.startFirst();
    await bob.start();
    await Promise.all([ann.seesPartner(), bob.seesPartner()]);
    const sessions = await Promise.all([ann.sessionId(), bob.sessionId()]);
    await pause();
    await Promise.all([ann.seesPartner(), bob.seesPartner()]);
    for (const person of [ann, bob]) await expect.poll(() => person.at("notice").count()).toBe(0);
    expect(await Promise.all([ann.sessionId(), bob.sessionId()])).toEqual(sessions);
    await ann.at("chat-input").fill("I am back");
    await ann.page.keyboard.press("Enter");
    await bob.at("chat-log").getByText("I am back").waitFor();
    expect([...ann.pageErrors, ...bob.pageErrors]).toEqual([]);
  });
}

// The pauses of all tests are one wait.
describe.concurrent("after a pause of 70 seconds", () => {
  it("a call goes on when the browser's processes were stopped", ({ expect }) => pauseCall(stopRenderers, expect));
  it("a call goes on when the tab was frozen", ({ expect }) => pauseCall(freeze, expect));
});
