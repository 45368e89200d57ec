import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { verifyLines } from "../../src/client/moderation/verify-lines.js";
import { PATIENCE_MS } from "../support/patience.js";
import { BareTabs } from "./support/bare-tabs.js";
import { launchBrowser } from "./support/chromium.js";
import { EvidenceServer } from "./support/evidence-server.js";
import { isInMemory } from "./support/process-memory.js";

const CANARY = "kanarienvogel im bergwerk";
/** Longer than the pause between two commitments of a client. */
const AFTER_COMMITMENT_MS = 12_000;

let browser: Browser;
let server: EvidenceServer;

beforeAll(async () => {
  browser = await launchBrowser();
  server = await EvidenceServer.start();
});
afterAll(async () => {
  await browser.close();
  await server.process.close();
});

/** Two people in a call, the first of whom keeps what could be evidence. */
async function call(): Promise<[Page, Page]> {
  const context = await browser.newContext({ permissions: ["camera", "microphone"] });
  const tabs = await BareTabs.at(context, server.process.url);
  const [ann, bob] = [await tabs.open(), await tabs.open()];
  for (const page of [ann, bob]) {
    await page.evaluate(async () => {
      await window.bare.client.evidence();
      await window.bare.client.setMedia(await navigator.mediaDevices.getUserMedia({ video: true, audio: true }));
      await window.bare.client.start();
    });
  }
  const isTalking = () => {
    const { activity } = window.bare.client.state;
    return activity.phase === "matched" && activity.call === "connected" && activity.chatReady;
  };
  for (const page of [ann, bob]) await page.waitForFunction(isTalking, undefined, { timeout: PATIENCE_MS });
  return [ann, bob];
}

async function say(from: Page, to: Page, text: string): Promise<void> {
  const heard = to.evaluate(
    (expected) =>
      new Promise<void>((resolve) => {
        window.bare.client.on("message", (line) => {
          if (line.text === expected) resolve();
        });
      }),
    text,
  );
  await from.evaluate((line) => window.bare.client.say(line), text);
  await heard;
}

/** Whether something is in one of the server's files. */
async function isStored(content: string | Buffer): Promise<boolean> {
  const entries = await readdir(server.process.folder, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => join(server.process.folder, name));
  return (await Promise.all(files.map((file) => readFile(file)))).some((file) => file.includes(content));
}

it("a report contains the chat and pictures, which only a moderator can read and of which the partner's lines are proved", async () => {
  const [ann, bob] = await call();
  await say(bob, ann, CANARY);
  await say(ann, bob, "stop that");
  await ann.waitForTimeout(AFTER_COMMITMENT_MS); // while the page takes pictures, and both sides commit to their lines
  await say(bob, ann, "a second line");
  await say(bob, ann, "and this is not covered yet");

  const offered = await ann.evaluate(async () => {
    const { client } = window.bare;
    const { activity } = client.state;
    const matchId = activity.phase === "matched" ? activity.matchId : "";
    const evidence = await client.evidence();
    const preview = await evidence.preview("harassment", matchId);
    const forMinor = await evidence.preview("minor", matchId);
    await client.report("harassment", "see the chat", matchId);
    await evidence.attach("harassment", matchId, { ...preview, frames: preview.frames.slice(0, 2) });
    return { policy: evidence.policy, frames: preview.frames.length, ofMinor: forMinor.frames.length };
  });
  expect(offered).toMatchObject({ policy: "chat_and_frames", ofMinor: 0 });
  expect(offered.frames).toBeGreaterThanOrEqual(2);

  const { document, commitments, isItsOwn } = await server.open();
  expect(isItsOwn).toBe(true);
  expect(document.lines.map(({ text }) => text)).toEqual([
    ...[CANARY, "stop that", "a second line", "and this is not covered yet"],
  ]);
  expect(await verifyLines(document, commitments)).toEqual(["proved", "committed", "proved", "claimed"]);
  const lie = document.lines.map((line) => ({ ...line, text: line.text.replace(CANARY, "something worse") }));
  expect((await verifyLines({ lines: lie }, commitments))[0]).toBe("claimed");
  const pictures = document.frames.map(({ jpeg }) => Buffer.from(jpeg, "base64"));
  expect(pictures).toHaveLength(2);
  for (const picture of pictures) {
    expect(picture.subarray(0, 3).toString("hex")).toBe("ffd8ff");
    expect(picture.length).toBeLessThanOrEqual(12 * 1024);
  }
  const { pid } = server.process;
  expect(await isStored("see the chat")).toBe(true); // the comment of the report
  expect(await isInMemory(pid, "see the chat")).toBe(true);
  const header = pictures[0]?.subarray(0, 20) ?? Buffer.from("?");
  for (const secret of [CANARY, header, document.frames[0]?.jpeg.slice(0, 40) ?? "?"]) {
    expect(await isStored(secret)).toBe(false);
    expect(await isInMemory(pid, secret)).toBe(false);
  }
});
