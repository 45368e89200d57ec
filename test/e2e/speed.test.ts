import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { median } from "../bench/statistics.js";
import { launchBrowser, CallPage } from "./support/call-page.js";
import { ServerProcess } from "./support/server-process.js";

const RUNS = 5;

let browser: Browser;
let server: ServerProcess;

beforeAll(async () => {
  browser = await launchBrowser();
  server = await ServerProcess.start({ RATE_LIMIT_MAX_REQUESTS: "1000", MAX_CONNECTIONS_PER_IP: "100" });
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

/** The moment (`Date.now()`) at which the first frame of the partner is shown on a page. */
function firstFrame(person: CallPage): Promise<number> {
  return person.at("remote-video").evaluate(
    (video: HTMLVideoElement) =>
      new Promise<number>((resolve) => {
        video.requestVideoFrameCallback(() => {
          resolve(Date.now());
        });
      }),
  );
}

/** Milliseconds from Start on the second page to the first frame on both. */
async function measure(): Promise<number> {
  const [ann, bob] = [await CallPage.arrive(browser, server.url), await CallPage.arrive(browser, server.url)];
  await ann.start();
  await ann.until("waiting");
  const frames = Promise.all([firstFrame(ann), firstFrame(bob)]);
  const startMs = await bob.at("start").evaluate((button: HTMLButtonElement) => {
    button.click();
    return Date.now();
  });
  const shownMs = Math.max(...(await frames));
  await Promise.all([ann.leaveForGood(), bob.leaveForGood()]);
  return shownMs - startMs;
}

it(`shows both pages the first frame after Start, ${String(RUNS)} times, and prints the durations`, async () => {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) times.push(await measure());
  const [fastest, slowest] = [Math.min(...times), Math.max(...times)];
  const figures = `median ${String(median(times))} ms (${String(fastest)} to ${String(slowest)}, ${String(RUNS)} runs)`;
  process.stdout.write(`\nfrom Start to the first frame on both pages: ${figures}\n`);
  expect(times).toHaveLength(RUNS);
});
