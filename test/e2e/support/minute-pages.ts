import type { Browser } from "playwright-core";
import { expect } from "vitest";
import type { LightningNode } from "../../support/lightning/node.js";
import { exposeWebln } from "../../support/lightning/webln.js";
import { PATIENCE_MS } from "../../support/patience.js";
import { CallPage } from "./call-page.js";

/** Short enough for the watch over picture and sound, which looks as often. */
const STEP_MS = 5_000;
const PATIENCE = { timeout: PATIENCE_MS, interval: 20 };

/** A page whose clock a test can put forward, with a node as its browser wallet. */
export async function arriveWithClock(browser: Browser, url: string, node: LightningNode): Promise<CallPage> {
  const person = await CallPage.arrive(browser, `${url}/favicon.svg`);
  await exposeWebln(person.context, node);
  await person.page.clock.install();
  await person.page.goto(url);
  return person;
}

/** What has arrived of the partner's picture and sound. */
function arrivals({ page }: CallPage): Promise<{ frames: number; bytes: number }> {
  return page.evaluate(async () => {
    const sum = { frames: 0, bytes: 0 };
    for (const connection of window.connections) {
      (await connection.getStats()).forEach((entry: Record<string, unknown>) => {
        if (entry.type !== "inbound-rtp") return;
        if (entry.kind === "video") sum.frames += Number(entry.framesDecoded ?? 0);
        else sum.bytes += Number(entry.bytesReceived ?? 0);
      });
    }
    return sum;
  });
}

/** Puts the clocks of pages in a call forward until something happens, so that picture and sound arrive meanwhile. */
export async function passUntil(happened: () => Promise<boolean>, ...people: CallPage[]): Promise<void> {
  while (!(await happened())) await Promise.all(people.map((person) => stepInCall(person)));
}

async function stepInCall(person: CallPage): Promise<void> {
  const before = await arrivals(person);
  await person.page.clock.fastForward(STEP_MS);
  await expect.poll(async () => (await arrivals(person)).frames, PATIENCE).toBeGreaterThan(before.frames);
  await expect.poll(async () => (await arrivals(person)).bytes, PATIENCE).toBeGreaterThan(before.bytes);
}

/** Puts the clock of a page forward, whatever arrives. */
export async function pass(ms: number, { page }: CallPage): Promise<void> {
  for (let passed = 0; passed < ms; passed += STEP_MS) await page.clock.fastForward(STEP_MS);
}

/** Resizes a page, and waits until all its parts are where they belong. */
export async function resize({ page }: CallPage, width: number, height: number): Promise<void> {
  await page.setViewportSize({ width, height });
  await page.waitForFunction((wanted) => innerWidth === wanted, width);
  await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    for (let count = 0; count < 3; count++) await frame(); // the page draws itself anew
    const ending = document
      .getAnimations()
      .filter(({ effect }) => Number.isFinite(effect?.getComputedTiming().endTime));
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
}
