import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { ServerProcess } from "./support/server-process.js";

/** Longer than a call is tried before it is given up. */
const PATIENCE_MS = 70_000;

let browser: Browser;
let server: ServerProcess;
beforeAll(async () => {
  browser = await launchBrowser();
  server = await ServerProcess.start({ MAX_CONNECTIONS_PER_IP: "100" });
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

/** Runs in a page before its own code: while `blocked` is stored, no candidate of the partner reaches the browser. */
function blockCandidates(): void {
  const isBlocked = () => sessionStorage.getItem("blocked") !== null;
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Original {
    override async addIceCandidate(candidate?: RTCIceCandidateInit | null): Promise<void> {
      if (!isBlocked()) await super.addIceCandidate(candidate);
    }

    override setRemoteDescription({ type, sdp = "" }: RTCSessionDescriptionInit): Promise<void> {
      const withoutCandidates = sdp.replace(/^a=candidate:.*\r\n/gm, "");
      return super.setRemoteDescription({ type, sdp: isBlocked() ? withoutCandidates : sdp });
    }
  };
}

async function arrive(): Promise<CallPage> {
  const person = await CallPage.arrive(browser, server.url);
  await person.context.addInitScript(blockCandidates);
  await person.page.evaluate(() => sessionStorage.setItem("blocked", "yes"));
  await person.page.reload();
  return person;
}

it("no longer says that a call did not come about once it did", async () => {
  const [ann, bob] = [await arrive(), await arrive()];
  await ann.startFirst();
  await bob.start();
  await ann.at("notice").filter({ hasText: "The call could not connect" }).waitFor({ timeout: PATIENCE_MS });
  for (const { page } of [ann, bob]) await page.evaluate(() => sessionStorage.removeItem("blocked"));
  await bob.page.reload();
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
  await expect.poll(() => ann.at("notice").count()).toBe(0);
  await ann.untilStatus("Connected");
  await Promise.all([ann.leaveForGood(), bob.leaveForGood()]);
}, 150_000);
