import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ActionKind, ActionService } from "../../gen/satoshigle/internal/v1/action_pb.js";
import { ModerationService } from "../../gen/satoshigle/internal/v1/moderation_pb.js";
import type { Browser } from "playwright-core";
import { freePort } from "../support/ports.js";
import { violationsOn } from "./support/axe.js";
import { CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { ServerProcess } from "./support/server-process.js";

const byEve = { headers: { "x-satoshigle-moderator": "eve" } };
const STATEMENT = "Do not advertise <img src=x onerror=alert(1)> here.";

let browser: Browser;
let server: ServerProcess;
let internalUrl: string;
beforeAll(async () => {
  const internalPort = String(await freePort());
  internalUrl = `http://127.0.0.1:${internalPort}`;
  [browser, server] = await Promise.all([launchBrowser(), ServerProcess.start({ INTERNAL_PORT: internalPort })]);
});
afterAll(async () => {
  await Promise.all([browser.close(), server.close()]);
});

it("a warned person reads the warning in the call, and in the next visits until it is acknowledged", async () => {
  const transport = createGrpcTransport({ baseUrl: internalUrl });
  const [desk, actions] = [createClient(ModerationService, transport), createClient(ActionService, transport)];
  const [ann, bob] = [await CallPage.arrive(browser, server.url), await CallPage.arrive(browser, server.url)];
  await ann.startFirst();
  await bob.start();
  await bob.seesPartner();
  await bob.at("report").click();
  await bob.at("reason-spam").check();
  await bob.at("report-send").click();
  await bob.at("report-sent").waitFor();
  const addressKey = (await desk.listCases({})).cases[0]?.reportedKey ?? "";
  const duration = { seconds: 86_400n };
  await actions.takeAction({ addressKey, kind: ActionKind.WARN, duration, statement: STATEMENT }, byEve);

  const shown = () => ann.at("warning-statement").waitFor();
  await shown();
  expect(await ann.at("warning-statement").textContent()).toBe(STATEMENT);
  expect(await ann.at("warning-statement").locator("img").count()).toBe(0);
  expect(await violationsOn(ann)).toEqual([]);
  await ann.page.keyboard.press("Escape");
  await ann.at("warning-statement").waitFor({ state: "detached" });

  await ann.page.reload();
  await shown();
  const acknowledged = ann.page.waitForResponse((response) => response.url().endsWith("/AcknowledgeWarning"));
  await ann.at("warning-acknowledge").focus();
  await ann.page.keyboard.press("Enter");
  expect((await acknowledged).status()).toBe(200);
  await ann.at("warning-statement").waitFor({ state: "detached" });
  const { actions: records } = await actions.listActions({ addressKey });
  expect(records.map(({ acknowledgeTime }) => acknowledgeTime !== undefined)).toEqual([true]);

  await ann.page.reload();
  await ann.until("waiting"); // the report ended the match, and the search goes on
  expect(await ann.at("warning-statement").count()).toBe(0);
  expect(ann.pageErrors).toEqual([]);
});
