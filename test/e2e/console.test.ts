import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ActionKind } from "../../gen/satoshigle/internal/v1/action_pb.js";
import { CaseOutcome } from "../../gen/satoshigle/internal/v1/case_pb.js";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { Receiver, WEBHOOK_SECRET } from "../support/webhook-receiver.js";
import { appealTo } from "./support/appeals.js";
import { violationsOn } from "./support/axe.js";
import { type ConsolePage, VIEWS } from "./support/console-page.js";
import { ConsoleSite } from "./support/console-site.js";
import { cutOff } from "./support/cut-off.js";
import { overlaps } from "./support/layout.js";

/** Would do harm if it were more than text. */
const MARKUP = '<img src="x" onerror="window.isHarmed = true">';
const LONGEST = "W".repeat(128);
/** Subjects that could pass for `ann` or `an n`, and how they are shown. */
const HOSTILE = [
  [MARKUP, MARKUP],
  ["a\u200bnn", "a\\u{200b}nn"],
  ["\u202enna", "\\u{202e}nna"],
  ["ann\ufe0f", "ann\\u{fe0f}"],
  ["an\u00a0n", "an\\u{a0}n"],
  [" ann", "\\u{20}ann"],
  ["an  n", "an \\u{20}n"],
  ["a\\u{200b}nn", "a\\u{5c}u{200b}nn"],
] as const;

/** What Chromium writes when a call is refused with FAILED_PRECONDITION. */
const REFUSED = "Failed to load resource: the server responded with a status of 400 (Bad Request)";

/** The views that open dialogs, and their buttons. */
const DIALOGS = [
  ["sessions", `Ban ${LONGEST}`],
  ["sessions", `Close session of ${LONGEST}`],
  ["sessions", `End match of ${LONGEST}`],
  ["matches", /^End match/],
  ["bans", /^Unban W/],
  ["appeals", /^Uphold the ban of V/],
  ["appeals", /^Reverse the ban of V/],
] as const;

let site: ConsoleSite;
let caseId: string;
let receivers: Receiver[];
beforeAll(async () => {
  receivers = [await Receiver.open(), await Receiver.open({ answer: (response) => response.writeHead(503).end() })];
  const urls = receivers.map(({ url }) => url).join(",");
  site = await ConsoleSite.open({ WEBHOOK_SECRET, WEBHOOK_URLS: urls });
  for (const [subject] of HOSTILE) await site.enter(subject);
  await site.call(LONGEST, MARKUP);
  await site.match();
  const duration = { seconds: 315_360_000n };
  await site.moderation.ban({ subject: "unknown", reason: MARKUP, duration });
  caseId = await moderate();
  await site.enter("W".repeat(127));
  await site.moderation.ban({ subject: "W".repeat(127), reason: "W".repeat(500), duration });
  const told = { reason: "R".repeat(500), statement: MARKUP + "S".repeat(400) };
  await appealTo(site, MARKUP + "T".repeat(900), "V".repeat(126), told);
});

/** Two cases, notes, actions and entries of the audit log, with the longest texts. Returns the ID of the open case. */
async function moderate(): Promise<string> {
  const [subject, duration] = ["V".repeat(128), { seconds: 86_400n }];
  const as = { headers: { "x-satoshigle-moderator": "m".repeat(64) } };
  for (const about of [subject, "short"]) {
    const { matchId, offerer } = await site.call(about, "reporter");
    await offerer.report({ matchId, reason: ReportReason.VIOLENCE, comment: MARKUP + "W".repeat(200) });
  }
  const { cases } = await site.moderation.listCases({});
  const [open, other] = [subject, "short"].map((about) => cases.find((one) => one.reportedSubject === about)?.caseId);
  if (open === undefined || other === undefined) throw new Error("a case is missing");
  for (const id of [open, other]) {
    await site.moderation.claimCase({ caseId: id }, as);
    await site.moderation.addNote({ caseId: id, text: MARKUP + "N".repeat(200) }, as);
  }
  const resolution = "W".repeat(400);
  await site.moderation.resolveCase({ caseId: other, outcome: CaseOutcome.REFERRED, resolution }, as);
  const terms = { subject, duration, reason: "W".repeat(400), statement: MARKUP };
  for (const kind of [ActionKind.TEXT_ONLY, ActionKind.QUARANTINE]) {
    await site.actions.takeAction({ ...terms, kind }, as);
  }
  const { actions } = await site.actions.listActions({ pageSize: 1 });
  await site.actions.liftAction({ actionId: actions[0]?.actionId ?? "" }, as);
  return open;
}
afterAll(async () => {
  await site.close();
  for (const receiver of receivers) receiver.close();
});

const noRules: typeof violationsOn = () => Promise.resolve([]);

describe.each([
  ["light", 1280, violationsOn],
  ["light", 900, noRules], // axe takes most of the time, and its rules depend little on the width
  ["dark", 320, violationsOn],
] as const)("in %s colors on a page of %i pixels", (colorScheme, width, brokenRules) => {
  let operator: ConsolePage;
  beforeEach(async () => {
    operator = await site.visit(width, colorScheme);
  });
  afterEach(() => operator.close());

  it("no rule is broken in any view, nothing is covered, and nothing is cut off", async () => {
    const { page, complaints } = operator;
    const refused: readonly string[] = ["lightning", "deposits"]; // this server has no node
    for (const view of VIEWS) {
      await operator.open(view);
      const height = await page.evaluate(() => document.documentElement.scrollHeight);
      await page.setViewportSize({ width, height });
      expect(await brokenRules({ page }), view).toEqual([]);
      expect(await overlaps(page), view).toEqual([]);
      expect(await cutOff(page), view).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), view).toBe(width);
      expect(complaints.splice(0), view).toEqual(refused.includes(view) ? [REFUSED] : []);
    }
  });

  it("no rule is broken in a case, nothing is covered, and nothing is cut off", async () => {
    const { page, complaints } = operator;
    await operator.openCase(caseId);
    await page.getByText("Quarantine").first().waitFor();
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width, height });
    expect(await brokenRules({ page })).toEqual([]);
    expect(await overlaps(page)).toEqual([]);
    expect(await cutOff(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    expect(complaints).toEqual([]);
  });

  it("no rule is broken in any dialog, and nothing is cut off", async () => {
    const { page, dialog, complaints } = operator;
    for (const [view, button] of DIALOGS) {
      await operator.open(view);
      await operator.button(button).first().click();
      await dialog.waitFor();
      expect(await brokenRules({ page }), view).toEqual([]);
      expect(await cutOff(page), view).toEqual([]);
      await operator.press("Cancel", dialog);
      await dialog.waitFor({ state: "detached" });
    }
    expect(complaints).toEqual([]);
  });
});

describe("to an operator", () => {
  let operator: ConsolePage;
  beforeEach(async () => {
    operator = await site.visit();
  });
  afterEach(() => operator.close());

  const shown = () => operator.rows().locator("th bdi").allTextContents();

  it.each(HOSTILE)("the subject %j is only text, %s, by which its session is found", async (subject, text) => {
    await operator.open("sessions", `?subject=${encodeURIComponent(subject)}`);
    const field = operator.page.getByRole("textbox", { name: "Subject or key" });
    expect(new Set(await shown())).toEqual(new Set([text]));
    expect(await field.inputValue()).toBe(text);
    await operator.open("sessions");
    await field.fill(text);
    await operator.press("Show");
    await operator.page.getByRole("link", { name: "All sessions" }).waitFor();
    await expect.poll(async () => new Set(await shown())).toEqual(new Set([text]));
    await operator.button(`Ban ${text}`).first().click();
    await operator.dialog.locator("bdi").filter({ hasText: text }).waitFor();
    expect(operator.complaints).toEqual([]);
  });

  it("the sides of a match, the reason of a ban and an appeal are only text", async () => {
    for (const view of ["matches", "bans", "appeals"] as const) {
      await operator.open(view);
      await operator.rows(MARKUP).first().waitFor();
    }
    expect(await operator.page.locator("main img").count()).toBe(0);
    expect(await operator.page.evaluate(() => "isHarmed" in window)).toBe(false);
    expect(operator.complaints).toEqual([]);
  });

  it.each(["sessions", "matches", "bans", "appeals", "webhooks"] as const)(
    "each cell of %s has the label of its column",
    async (view) => {
      await operator.open(view);
      const heads = await operator.page.locator("thead th").allTextContents();
      for (const row of await operator.rows().all()) {
        const cells = await row
          .locator("th, td")
          .evaluateAll((all) => all.map((cell) => cell.getAttribute("data-label")));
        const isNameOrButtons = (index: number) => heads[index] === "Actions" || (index === 0 && view !== "matches");
        expect(cells).toEqual(heads.map((head, index) => (isNameOrButtons(index) ? null : head)));
      }
    },
  );
});
