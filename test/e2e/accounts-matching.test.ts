import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { AccountsSite } from "./support/accounts-site.js";
import type { AccountsPage } from "./support/accounts-page.js";

let site: AccountsSite;
beforeAll(async () => {
  site = await AccountsSite.open();
});
afterAll(() => site.close());
afterEach(() => site.clear());

/** Registers a user of a country, who seeks people of others. */
async function arrive(name: string, country = "", ...seeks: string[]): Promise<AccountsPage> {
  const page = await site.register(name, { country });
  if (seeks.length > 0) await page.seek(...seeks);
  return page;
}

async function starts(page: AccountsPage, and: "waits" | { meets: AccountsPage }): Promise<void> {
  await page.start();
  if (and === "waits") await page.says("status", "Waiting");
  else for (const one of [page, and.meets]) await one.says("status", "In a call: connected");
}

it("pairs users with those of the countries that they chose", async () => {
  const ann = await arrive("Ann", "gb", "de", "pl");
  const yves = await arrive("Yves", "fr");
  const xaver = await arrive("Xaver", "de", "gb");
  await starts(yves, "waits");
  await starts(ann, "waits"); // although Yves accepts her
  await starts(xaver, { meets: ann });
  await ann.says("partner", "Xaver");
  await xaver.says("partner", "Ann");
  await yves.says("status", "Waiting");
});

it("does not pair users with those who chose another country", async () => {
  const zoe = await arrive("Zoe", "us", "fr");
  const ann = await arrive("Ann", "gb");
  const nemo = await arrive("Nemo"); // who says no country
  const yves = await arrive("Yves", "fr");
  await starts(zoe, "waits");
  await starts(ann, "waits"); // although she accepts Zoe
  await starts(nemo, { meets: ann });
  await zoe.says("status", "Waiting");
  await starts(yves, { meets: zoe });
});

it("applies a choice that is made while waiting", async () => {
  const [ann, bob] = [await arrive("Ann", "gb", "it"), await arrive("Bob", "de")];
  await starts(ann, "waits");
  await starts(bob, "waits");
  await ann.seek("de", "it");
  await ann.says("partner", "Bob");
});

it("pairs a premium user before one who has waited longer", async () => {
  const otto = await arrive("Otto", "de", "gb");
  const prem = await arrive("Prem", "de", "gb");
  const [gina, hugh] = [await arrive("Gina", "gb"), await arrive("Hugh", "gb")];
  await site.mark("Prem", "premium");
  await starts(otto, "waits");
  await starts(prem, "waits");
  await starts(gina, { meets: prem });
  await gina.says("partner", "Prem");
  await gina.says("badges", "premium");
  await starts(hugh, { meets: otto });
});

/** Both write to each other, and neither sends nor receives pictures or sound. */
async function onlyWrite(one: AccountsPage, other: AccountsPage): Promise<void> {
  await one.write("hello", other);
  await other.write("<b>hello back</b>", one);
  for (const page of [one, other]) {
    expect(await page.traffic()).toEqual({ received: 0, sent: 0 });
    expect(await page.frames()).toBe(0);
  }
}

it.each(["first", "second"])("lets a user only write, who comes %s", async (turn) => {
  const [tom, vera] = [await arrive("Tom"), await arrive("Vera")];
  await tom.onlyWrite();
  const [first, second] = turn === "first" ? [tom, vera] : [vera, tom];
  await starts(first, "waits");
  await starts(second, { meets: first });
  await vera.says("mode", "only writes");
  await tom.says("partner", "Vera");
  await onlyWrite(tom, vera);
  expect([await tom.attached(), await vera.attached()], "cameras and microphones").toEqual([0, 0]);
  // The page knew it before there was a connection.
  expect(new Set(await vera.page.evaluate(() => window.modesAtConnect))).toEqual(new Set(["only writes"]));
  expect(new Set(await tom.page.evaluate(() => window.modesAtConnect))).toEqual(new Set([""]));

  // With the next partner, both pictures are there again.
  const will = await arrive("Will");
  await vera.press("next");
  await vera.says("status", "Waiting");
  await tom.press("stop");
  await will.start();
  for (const page of [vera, will]) await page.sees();
});

it.each(["first", "second"])("shows no user whom operators let only write and who comes %s", async (turn) => {
  const [rita, vera] = [await arrive("Rita"), await arrive("Vera")];
  await site.mark("Rita", "text-only");
  await rita.page.reload();
  expect(await rita.page.locator("#text-only").isDisabled()).toBe(true);

  // Rita changes her page so that it shows her.
  await rita.page.route("**/api/me", async (route) => {
    const user = (await (await route.fetch()).json()) as object;
    await route.fulfill({ json: { ...user, isRestricted: false } });
  });
  await rita.page.reload();
  const [first, second] = turn === "first" ? [rita, vera] : [vera, rita];
  await starts(first, "waits");
  await starts(second, { meets: first });
  await vera.says("mode", "only writes");
  expect(await rita.attached()).toBeGreaterThan(0);
  await rita.write("look at me", vera);
  await vera.write("no", rita);
  expect([await vera.frames(), await rita.frames()]).toEqual([0, 0]);
  expect((await vera.traffic()).sent).toBe(0);
});

it("applies what operators decide at once when they revoke the tokens", async () => {
  const [rita, vera] = [await arrive("Rita"), await arrive("Vera")];
  await starts(rita, "waits");
  await site.mark("Rita", "text-only");
  const subject = await rita.subject();
  await site.call("satoshigle.internal.v1.PeopleService", "revokeTokens", { subject });
  await rita.says("problem", "This session was removed.");
  await rita.says("status", "closed");
  // A token that is issued within the second of the revocation is refused too.
  const startAgain = async () => {
    await rita.press("start");
    return rita.page.locator("#status").textContent();
  };
  await expect.poll(startAgain, { timeout: 60_000, interval: 500 }).toContain("Waiting");
  await starts(vera, { meets: rita });
  await vera.says("mode", "only writes");
});

it("refuses a choice that makes no sense, and says so", async () => {
  const eve = await arrive("Eve", "gb");
  await eve.page.route("**/api/me", async (route) => {
    const user = (await (await route.fetch()).json()) as object;
    await route.fulfill({ json: { ...user, choice: { countries: ["x".repeat(33)], textOnly: false } } });
  });
  await eve.page.reload();
  await eve.press("start");
  await eve.says("problem", /filters/);
  await eve.says("status", "Press Start.");
});
