import { createClient } from "@connectrpc/connect";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { DepositService } from "../../gen/satoshigle/v1/deposit_pb.js";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { uniqueInterest } from "../support/pair.js";
import { soon } from "../support/soon.js";
import { violationsOn } from "./support/axe.js";
import type { ConsolePage } from "./support/console-page.js";
import { ConsoleSite } from "./support/console-site.js";
import { cutOff } from "./support/cut-off.js";
import { LightningSite } from "./support/lightning-site.js";

const SATS = 500;

let site: LightningSite;
beforeAll(async () => {
  site = await LightningSite.open({ DEPOSIT_SATS: String(SATS), SESSION_SECRET: "s".repeat(48) });
  await site.channels.setPolicy({ policy: { opensPerDay: 10, feesPerDaySat: 100_000n } });
  await site.openChannel(1_000_000, 400_000);
});
afterAll(() => site.close());

let operator: ConsolePage;
beforeEach(async () => {
  operator = await site.visit();
});
afterEach(() => operator.close());

/** A newcomer whose deposit is held. The payment is over when `paid` is. */
async function newcomer() {
  const person = await site.site.enter();
  const { sessionId, token } = person.welcome;
  const client = createClient(DepositService, person.transport);
  const options = { headers: { authorization: `Bearer ${token}` } };
  const { deposit } = await client.requestDeposit({}, options);
  const paid = site.pay(deposit?.invoice ?? "").then(
    () => "kept",
    () => "returned",
  );
  await soon(async () => {
    expect((await client.getDeposit({}, options)).deposit?.admits).toBe(true);
  });
  return { person, sessionId, paid };
}

it("lists a deposit that is held, with the time left, and keeps it after a question", async () => {
  const { sessionId, paid } = await newcomer();
  await operator.open("deposits");
  const row = operator.rows(sessionId);
  expect(await row.innerText()).toMatch(/Held[^]*no[^]*500 sat[^]*in [23] minutes/);
  await operator.press(`Keep the deposit of ${sessionId}`);
  await operator.dialog.getByText("which was not reported").waitFor();
  await operator.press("Keep", operator.dialog);
  await operator.says(`The deposit of ${sessionId} is kept.`);
  expect(await paid).toBe("kept");
  await expect
    .poll(async () => {
      await operator.press("Refresh");
      return row.innerText();
    })
    .toContain("Kept");
  expect(await operator.button(/ the deposit of /).count()).toBe(0);
  expect(operator.complaints).toEqual([]);
});

it("marks a deposit of somebody who was reported, which is held for longer, and returns it", async () => {
  const { person, sessionId, paid } = await newcomer();
  const reporter = await site.site.enter("reporter");
  const request = { preferences: { interests: [uniqueInterest()] } };
  await person.match(request);
  await reporter.match(request);
  const { matchId } = await reporter.until("matched");
  await reporter.report({ matchId, reason: ReportReason.SPAM });
  await operator.open("deposits");
  const row = operator.rows(sessionId);
  await expect
    .poll(async () => {
      await operator.press("Refresh");
      return row.innerText();
    })
    .toMatch(/Held[^]*reported[^]*in (9|10) minutes/);
  await operator.tabTo(`Return the deposit of ${sessionId}`);
  await operator.page.keyboard.press("Enter");
  await operator.tabTo("Return");
  await operator.page.keyboard.press("Enter");
  await operator.says(`The deposit of ${sessionId} is returned.`);
  expect(await paid).toBe("returned");
  await row.getByText("by an operator").waitFor();
});

it("offers viewers no decisions", async () => {
  const { sessionId } = await newcomer();
  await operator.page.route("**/GetOperator", async (route) => {
    const body = JSON.stringify({ name: "vic", role: "OPERATOR_ROLE_VIEWER" });
    await route.fulfill({ status: 200, contentType: "application/json", body });
  });
  await operator.open("deposits");
  await operator.page.getByText("vic").waitFor();
  await operator.rows(sessionId).getByText("Held").waitFor();
  expect(await operator.button(/ the deposit of /).count()).toBe(0);
});

it.each([
  ["light", 1280],
  ["dark", 320],
] as const)("in %s colors on a page of %i pixels, axe finds nothing, and nothing is cut off", async (color, width) => {
  const { sessionId } = await newcomer();
  await operator.close();
  operator = await site.visit(width, color);
  await operator.open("deposits");
  expect(await violationsOn(operator)).toEqual([]);
  expect(await cutOff(operator.page)).toEqual([]);
  await operator.press(`Keep the deposit of ${sessionId}`);
  expect(await violationsOn(operator)).toEqual([]);
  expect(await cutOff(operator.page)).toEqual([]);
});

it("says which variables turn deposits and the node on", async () => {
  const without = await ConsoleSite.open();
  const page = await without.visit();
  await page.open("deposits");
  await page.page.getByText("Deposits are off: DEPOSIT_SATS is 0").waitFor();
  await page.open("lightning");
  await page.page.getByText("There is no node: the variable LND_URL is not set").waitFor();
  await without.close();
});
