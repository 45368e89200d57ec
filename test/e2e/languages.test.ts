import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { roomy } from "../support/pair.js";
import { violationsOn } from "./support/axe.js";
import { CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { ServerProcess } from "./support/server-process.js";

let browser: Browser;
let server: ServerProcess;
let people: CallPage[] = [];
beforeAll(async () => {
  browser = await launchBrowser();
  server = await ServerProcess.start({ ...roomy, LIGHTNING_NETWORK: "regtest" });
});
afterAll(async () => {
  await browser.close();
  await server.close();
});
afterEach(async () => {
  const errors = people.flatMap(({ pageErrors }) => pageErrors);
  await Promise.all(people.map((person) => person.leaveForGood()));
  people = [];
  expect(errors).toEqual([]);
});

async function arrive(locale: string): Promise<CallPage> {
  const person = await CallPage.arrive(browser, server.url, {}, locale);
  people.push(person);
  await person.page.emulateMedia({ reducedMotion: "reduce" });
  return person;
}

/** The languages whose words the page has downloaded. */
async function downloaded({ page }: CallPage): Promise<string[]> {
  await page.getByTestId("start").waitFor();
  return page.evaluate(() => {
    const names = performance
      .getEntriesByType("resource")
      .map(({ name }) => /\/assets\/([a-z]{2})-[\w-]{8}\.js$/.exec(name)?.[1]);
    return names.filter((name) => name !== undefined);
  });
}

const documentOf = ({ page }: CallPage) =>
  page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]);

/** Whether one element begins further to the right than another. */
async function isRightOf(person: CallPage, one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((selector) => person.page.locator(selector).first().boundingBox()));
  return (a?.x ?? 0) > (b?.x ?? 0);
}

it("makes a call in Arabic, from right to left, and axe finds nothing in any state", async () => {
  const [ann, bob] = [await arrive("ar-EG"), await arrive("ar-EG")];
  await ann.at("start").getByText("ابدأ").waitFor();
  expect(await documentOf(ann)).toEqual(["ar", "rtl"]);
  expect(await isRightOf(ann, ".stage", ".panel")).toBe(true);
  expect(await isRightOf(ann, ".you", ".them")).toBe(true);
  expect(await violationsOn(ann)).toEqual([]);
  await ann.at("settings").click();
  expect(await violationsOn(ann)).toEqual([]);
  await ann.page.keyboard.press("Escape");
  await ann.startFirst();
  expect(await violationsOn(ann)).toEqual([]);
  await bob.start();
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
  expect(await isRightOf(ann, ".captions", ".you")).toBe(true);
  await ann.at("chat-input").fill("مرحبا");
  await ann.page.keyboard.press("Enter");
  await bob.at("chat-log").getByText("مرحبا").waitFor();
  expect(await violationsOn(ann)).toEqual([]);
  await bob.page.setViewportSize({ width: 390, height: 844 });
  expect(await violationsOn(bob)).toEqual([]);
  expect(await bob.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  await ann.at("tip").click();
  expect(await violationsOn(ann)).toEqual([]);
  await ann.page.keyboard.press("Escape");
  await ann.page.locator("body").press("ArrowLeft");
  await bob.until("waiting");
});

it("downloads the words of the chosen language alone", async () => {
  expect(await downloaded(await arrive("en-GB"))).toEqual([]);
  expect(await downloaded(await arrive("nl"))).toEqual([]);
  expect(await downloaded(await arrive("fr-CA"))).toEqual(["fr"]);
});

it("keeps the language that the person chose", async () => {
  const ann = await arrive("de");
  await ann.at("settings").click();
  await ann.at("page-language").selectOption("ar");
  await ann.page.getByRole("heading", { name: "الإعدادات" }).waitFor();
  expect(await documentOf(ann)).toEqual(["ar", "rtl"]);
  await ann.page.reload();
  await ann.at("start").getByText("ابدأ").waitFor();
  expect(await downloaded(ann)).toEqual(["ar"]);
  await ann.at("settings").click();
  await ann.at("page-language").selectOption("de");
  await ann.page.getByRole("heading", { name: "Einstellungen" }).waitFor();
  expect(await documentOf(ann)).toEqual(["de", "ltr"]);
  expect(await ann.page.evaluate(() => localStorage.getItem("satoshigle.language"))).toBeNull();
});

it("stays in its language and says so if the words of another cannot be loaded", async () => {
  const ann = await arrive("en");
  await ann.page.route(/\/assets\/ru-/, (route) => route.abort());
  await ann.at("settings").click();
  await ann.at("page-language").selectOption("ru");
  await ann.page.getByText("This language could not be loaded").waitFor();
  expect(await documentOf(ann)).toEqual(["en", "ltr"]);
  expect(await ann.at("page-language").inputValue()).toBe("en");
});

it.each(["de", "fr", "ru", "hi", "ja", "pt-BR"])("has room for the words of %s on a phone", async (locale) => {
  const [ann, bob] = [await arrive(locale), await arrive(locale)];
  await ann.page.setViewportSize({ width: 390, height: 844 });
  await ann.startFirst();
  const overlaps = () =>
    ann.page.evaluate(() => {
      const boxes = [...document.querySelectorAll(".controls button")].map((button) => button.getBoundingClientRect());
      const sorted = boxes.toSorted((one, other) => one.left - other.left);
      return sorted.some((box, at) => at > 0 && box.left < (sorted[at - 1]?.right ?? 0) - 0.5);
    });
  expect(await overlaps()).toBe(false);
  await bob.start();
  await ann.until("connected");
  expect(await overlaps()).toBe(false);
});
