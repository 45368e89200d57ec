import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { AccountsSite } from "./support/accounts-site.js";
import type { AccountsPage } from "./support/accounts-page.js";
import { launchBrowser } from "./support/chromium.js";
import { launchFirefox } from "./support/firefox.js";

/** Both write to each other, and neither sends nor receives pictures or sound. */
async function onlyWrite(one: AccountsPage, other: AccountsPage): Promise<void> {
  await one.write("hello", other);
  await other.write("<b>hello back</b>", one);
  for (const page of [one, other]) {
    expect(await page.traffic()).toEqual({ received: 0, sent: 0 });
    expect(await page.frames()).toBe(0);
  }
}

async function starts(page: AccountsPage, and: "waits" | { meets: AccountsPage }): Promise<void> {
  await page.start();
  if (and === "waits") await page.says("status", "Waiting");
  else for (const one of [page, and.meets]) await one.says("status", "In a call: connected");
}

describe.each([
  ["Chromium", launchBrowser],
  ["Firefox", launchFirefox],
])("in %s, the example with accounts", (_, launch) => {
  let site: AccountsSite;
  beforeAll(async () => {
    site = await AccountsSite.open(await launch());
  });
  afterAll(() => site.close());
  afterEach(() => site.clear());

  it.each(["first", "second"])("lets a user only write, who comes %s", async (turn) => {
    const [tom, vera] = [await site.register("Tom"), await site.register("Vera")];
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
    const will = await site.register("Will");
    await vera.press("next");
    await vera.says("status", "Waiting");
    await tom.press("stop");
    await will.start();
    for (const page of [vera, will]) await page.sees();
  });

  it.each(["first", "second"])("shows no user whom operators let only write and who comes %s", async (turn) => {
    const [rita, vera] = [await site.register("Rita"), await site.register("Vera")];
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
});
