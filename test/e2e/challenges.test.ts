import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { appSecret } from "../support/app-keys.js";
import { challengeFor, solve } from "../support/challenge.js";
import { roomy } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { signInAt } from "./support/app-token.js";
import { CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { launchFirefox } from "./support/firefox.js";
import { ServerProcess } from "./support/server-process.js";

declare global {
  interface Window {
    /** What the answers of workers took: attempts, and milliseconds with the start of the worker. */
    answers: { attempts: number; tookMs: number }[];
  }
}

/** Runs in a page before its own scripts: records what its workers answer. */
function watchWorkers(): void {
  window.answers = [];
  const Original = window.Worker;
  window.Worker = class extends Original {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      const startMs = performance.now();
      this.addEventListener("message", ({ data }: MessageEvent<string>) => {
        const { solution } = JSON.parse(atob(data)) as { solution: { counter: number } };
        window.answers.push({ attempts: solution.counter, tookMs: performance.now() - startMs });
      });
    }
  };
}

/** Runs in a page before its own scripts: forbids workers, as a policy of its site may. */
function forbidWorkers(): void {
  const refuse = () => {
    throw new Error("no worker may start");
  };
  window.Worker = new Proxy(window.Worker, { construct: refuse });
}

/** Sessions from one network that make the challenges the hardest. */
const HOTTEST = 4;

let server: ServerProcess;
beforeAll(async () => {
  const hot = { CHALLENGE: "auto", CHALLENGE_AFTER_NETWORK: "0" };
  server = await ServerProcess.start({ ...roomy, ...hot, IDENTITY_SECRET: appSecret });
  const transport = transportTo(server.url);
  for (let count = 0; count < HOTTEST; count++)
    await TestClient.open(transport, { proof: await solve(await challengeFor(transport)) });
});
afterAll(() => server.close());

describe.each([
  ["Chromium", launchBrowser],
  ["Firefox", launchFirefox],
])("while sessions take a proof of work, %s", (name, launch) => {
  let browser: Browser;
  let person: CallPage;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    const { pageErrors } = person;
    await person.context.close();
    expect(pageErrors).toEqual([]);
  });

  /** Starts on the page. Returns the streams that were asked for, and what the browser complained about. */
  async function start(prepare: (person: CallPage) => Promise<unknown>) {
    person = await CallPage.arrive(browser, server.url);
    await prepare(person);
    const [streams, complaints]: [string[], string[]] = [[], []];
    person.page.on("request", (request) => {
      if (request.url().endsWith("/Signal")) streams.push(request.url());
    });
    person.page.on("console", (message) => complaints.push(message.text()));
    await person.page.reload();
    await person.startFirst();
    return { streams, refusals: complaints.filter((text) => /content.security.policy/i.test(text)) };
  }

  it("solves it in a worker, which the page's security policy allows", async () => {
    const { streams, refusals } = await start(({ context }) => context.addInitScript(watchWorkers));
    const answers = await person.page.evaluate(() => window.answers);
    expect(answers).toHaveLength(1);
    console.log(`${name} solved a challenge: ${JSON.stringify(answers)}`);
    expect(streams).toHaveLength(2);
    expect(refusals).toEqual([]);
  });

  it("solves it on the page where no worker may start", async () => {
    const { streams } = await start(({ context }) => context.addInitScript(forbidWorkers));
    expect(streams).toHaveLength(2);
  });

  it("has nothing to solve for somebody whom the app vouches for", async () => {
    const { streams } = await start(async ({ context }) => {
      await context.addInitScript(watchWorkers);
      await signInAt(context, { sub: `ann in ${name}` });
    });
    expect(streams).toHaveLength(1);
    expect(await person.page.evaluate(() => window.answers)).toEqual([]);
  });
});
