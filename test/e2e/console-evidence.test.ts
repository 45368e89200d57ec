import { generateIdentity } from "age-encryption";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import type { EvidenceDocument } from "../../src/client/moderation/types.js";
import type { Said } from "../support/evidence.js";
import { violationsOn } from "./support/axe.js";
import type { ConsolePage } from "./support/console-page.js";
import { cutOff } from "./support/cut-off.js";
import { EvidenceSite, pictureIn } from "./support/evidence-site.js";
import { overlaps } from "./support/layout.js";

/** Would do harm if they were more than text. */
const MARKUP = '<img src="x" onerror="window.isHarmed = true">';
const LINK = "javascript:window.isHarmed=true";

const CHAT: Said[] = [
  { from: "partner", text: "hello, who are you" },
  { from: "me", text: "stop that" },
  { from: "partner", text: MARKUP },
  { from: "partner", text: LINK },
];

/** The reporter claims that the partner's first line was another one. */
const lie = (document: EvidenceDocument) => ({
  ...document,
  lines: document.lines.map((line, index) => (index === 0 ? { ...line, text: "something worse" } : line)),
});

let desk: EvidenceSite;
let operator: ConsolePage;
beforeAll(async () => {
  desk = await EvidenceSite.open();
});
afterAll(() => desk.close());
beforeEach(async () => {
  operator = await desk.site.visit();
});
afterEach(() => operator.close());

const openButton = () => operator.button(/^Open evidence/);
const evidence = () => operator.page.getByRole("region", { name: "Evidence" });
const standings = () =>
  operator.page.locator(".chat > li").evaluateAll((all) => all.map((line) => line.getAttribute("data-standing")));
const pictures = () => evidence().getByRole("button", { name: /^Picture/ });
const isClear = (index: number) => pictures().nth(index).getAttribute("data-clear");

/** Opens the evidence of the only report of a case. */
async function decrypt(caseId: string): Promise<void> {
  await desk.openCase(operator, caseId);
  await openButton().click();
  await desk.enterKey(operator);
  await evidence().waitFor();
}

describe("a moderator", () => {
  it("sees which lines of a lying reporter are proved, with a key that no request contains", async () => {
    const sent: string[] = [];
    operator.page.on("request", (request) => {
      const headers = JSON.stringify(request.headers());
      sent.push(`${request.url()} ${headers} ${request.postDataBuffer()?.toString("latin1") ?? ""}`);
    });
    const frames = [await pictureIn(operator), await pictureIn(operator, 640, 480), "PHN2Zz4="];
    const { caseId, reportId } = await desk.report({ lines: CHAT, frames, comment: MARKUP, change: lie });
    await desk.openCase(operator, caseId);
    await operator.page.getByText("Opening is written to the audit log.").waitFor();
    await openButton().click();
    await desk.enterKey(operator);
    await evidence().getByText("4 lines: 2 proved, 1 unchanged since, 1 only the reporter’s word.").waitFor();
    expect(await operator.focused()).toBe("Evidence");
    expect(await standings()).toEqual(["claimed", "committed", "proved", "proved"]);
    const said = await evidence().locator(".said").allTextContents();
    expect(said).toEqual(["something worse", "stop that", MARKUP, LINK]);

    expect(await pictures().count()).toBe(1);
    await expect
      .poll(() =>
        evidence()
          .locator("img")
          .evaluateAll((all) => all.map((one) => (one as HTMLImageElement).naturalWidth)),
      )
      .toEqual([320]);
    expect(await evidence().getByText("Not shown: it is no JPEG").count()).toBe(2);
    expect(await operator.page.locator("main img:not(.picture img), main a[href^=javascript]").count()).toBe(0);
    expect(await operator.page.evaluate(() => "isHarmed" in window)).toBe(false);

    expect(sent.some((one) => one.includes("/GetEvidence") && one.includes(reportId))).toBe(true);
    const data = desk.key.slice("AGE-SECRET-KEY-1".length);
    expect(sent.filter((one) => one.toUpperCase().includes(data.slice(0, 20)))).toEqual([]);
    const kept = await operator.page.evaluate(async () => {
      const names = (await indexedDB.databases()).map(({ name }) => name);
      return JSON.stringify([
        Object.entries(localStorage),
        Object.entries(sessionStorage),
        document.cookie,
        location.href,
        names,
      ]);
    });
    expect(kept).toContain("satoshigle-moderator");
    expect(kept).not.toContain("AGE-SECRET");
    expect(await operator.page.content()).not.toContain(data.slice(0, 20));

    await operator.open("audit", "?moderator=ann");
    const entry = operator.rows(`report ${reportId}`);
    expect(await entry.innerText()).toMatch(/evidence opened/);
    expect(await operator.rows(`report ${reportId}`).count()).toBe(1);
    expect(operator.complaints).toEqual([]);
  });

  it("sees pictures clear under the pointer and the focus, and pressed ones until they are blurred again", async () => {
    const frames = [await pictureIn(operator), await pictureIn(operator)];
    await decrypt((await desk.report({ lines: [], frames })).caseId);
    await evidence().getByText("No chat is attached.").waitFor();
    const filter = () =>
      pictures()
        .first()
        .locator("img")
        .evaluate((image) => getComputedStyle(image).filter);
    expect(await filter()).toContain("blur");
    await pictures().first().hover();
    await expect.poll(filter).toBe("none");
    await evidence().getByRole("heading").hover();
    await expect.poll(filter).toContain("blur");
    await operator.tabTo("");
    expect([await isClear(0), await isClear(1)]).toEqual(["true", "false"]);
    await operator.page.keyboard.press("Escape");
    await expect.poll(() => isClear(0)).toBe("false");
    await operator.page.keyboard.press("Enter");
    await operator.page.keyboard.press("Tab");
    await expect.poll(async () => [await isClear(0), await isClear(1)]).toEqual(["true", "true"]);
    await operator.press("Blur again");
    await expect.poll(async () => [await isClear(0), await isClear(1)]).toEqual(["false", "false"]);
  });

  it("forgets the key, which closes what it opened, and is told why a key does not fit", async () => {
    const { caseId } = await desk.report({ lines: CHAT });
    await decrypt(caseId);
    await operator.press("Forget key");
    await evidence().waitFor({ state: "detached" });
    expect(await operator.focused()).toBe("The key is forgotten.");
    await openButton().click();
    const wrong = [
      ["", "Enter a key, or choose a key file."],
      [desk.recipient, "This is a public key."],
      ["hunter2", "This is no key."],
      [desk.key.replace(/.$/, (last) => (last === "Q" ? "P" : "Q")), "This key has a mistake"],
      ["AGE-PLUGIN-YUBIKEY-1QQ", "Browsers cannot use the key of an age plugin."],
    ] as const;
    for (const [key, text] of wrong) {
      await desk.enterKey(operator, key);
      await operator.dialog.getByRole("alert").filter({ hasText: text }).waitFor();
      expect(await violationsOn(operator)).toEqual([]);
    }
    await desk.enterKey(operator, await generateIdentity());
    await operator.alert.filter({ hasText: "not encrypted for your key (age1" }).waitFor();
    const folder = await mkdtemp(join(tmpdir(), "satoshigle-key-"));
    await writeFile(join(folder, "key.txt"), `# created: today\n# public key: ${desk.recipient}\n${desk.key}\n`);
    await operator.press("Use another key");
    await operator.dialog.getByLabel("Or a key file").setInputFiles(join(folder, "key.txt"));
    await operator.press("Decrypt", operator.dialog);
    await evidence().waitFor();
    await rm(folder, { recursive: true });
    await operator.press("Close evidence");
    await openButton().waitFor();
    await operator.page.reload();
    await openButton().click();
    await operator.dialog.waitFor(); // the key is asked for again
  });

  it("is told what is wrong with evidence, and sees nothing of it", async () => {
    const subject = randomUUID();
    const last = (sealed: Uint8Array) => sealed.map((byte, index) => (index === sealed.length - 1 ? byte ^ 1 : byte));
    const wrong = [
      [{ damage: last }, "This evidence is damaged"],
      [{ damage: (sealed: Uint8Array) => sealed.slice(0, -40) }, "This evidence is damaged"],
      [{ change: (own: EvidenceDocument) => ({ ...own, matchId: "another" }) }, "belongs to another report"],
      [{ change: (own: EvidenceDocument) => ({ ...own, reporterId: "another" }) }, "belongs to another report"],
      [
        { change: (own: EvidenceDocument) => ({ ...own, lines: own.lines.toReversed() }) },
        "lines[1].number is out of order",
      ],
    ] as const;
    let caseId = "";
    for (const [how, text] of wrong) {
      const made = await desk.report({ lines: CHAT, ...how }, subject);
      caseId = made.caseId;
      await desk.openCase(operator, caseId);
      await operator.button(`Open evidence of report ${made.reportId}`).click();
      await desk.enterKey(operator);
      await operator.alert.filter({ hasText: text }).waitFor();
      expect(await evidence().count()).toBe(0);
      expect(await operator.page.getByText("stop that").count()).toBe(0);
    }
  });

  it("is shown no pictures of a report about a minor", async () => {
    const frames = [await pictureIn(operator)];
    await decrypt((await desk.report({ lines: CHAT, frames, reason: ReportReason.MINOR })).caseId);
    await evidence().getByText("Refer the case.").waitFor();
    expect(await evidence().locator("img").count()).toBe(0);
  });
});

it("somebody without a name cannot open evidence", async () => {
  const { caseId } = await desk.report({ lines: CHAT });
  await operator.openCase(caseId);
  await operator.page.getByText("with evidence, which moderators with a name can open").waitFor();
  expect(await openButton().count()).toBe(0);
});

it.each([
  ["light", 1280],
  ["dark", 1280],
  ["light", 820],
  ["dark", 820],
  ["light", 390],
] as const)(
  "in %s colors on a page of %i pixels, axe finds nothing, and nothing is covered or cut off",
  async (scheme, width) => {
    const frames = [await pictureIn(operator), await pictureIn(operator), "PHN2Zz4="];
    const lines: Said[] = [...CHAT, { from: "partner", text: "W".repeat(300) }];
    const { caseId } = await desk.report({ lines, frames, change: lie, comment: MARKUP });
    await operator.close();
    operator = await desk.site.visit(width, scheme);
    await decrypt(caseId);
    const { page } = operator;
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width, height });
    expect(await violationsOn({ page })).toEqual([]);
    expect(await overlaps(page)).toEqual([]);
    expect(await cutOff(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    expect(operator.complaints).toEqual([]);
  },
);
