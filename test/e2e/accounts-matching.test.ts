import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { AccountsSite } from "./support/accounts-site.js";
import type { AccountsPage } from "./support/accounts-page.js";
import { PATIENCE_MS } from "../support/patience.js";

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
  await expect.poll(startAgain, { timeout: PATIENCE_MS, interval: 500 }).toContain("Waiting");
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
