import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { launchBrowser, CallPage } from "./support/call-page.js";
import { ServerProcess } from "./support/server-process.js";

let browser: Browser;
let server: ServerProcess;
let people: CallPage[] = [];
beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), ServerProcess.start({ MAX_CONNECTIONS_PER_IP: "100" })]);
});
afterAll(async () => {
  await Promise.all([browser.close(), server.close()]);
});
afterEach(async () => {
  const errors = people.flatMap((person) => person.pageErrors);
  for (const person of people.splice(0)) await person.leaveForGood();
  expect(errors).toEqual([]);
});

/** Two pages in a call. `prepare` runs in the first before its own scripts. */
async function call(prepare?: () => void): Promise<[CallPage, CallPage]> {
  people = [await CallPage.arrive(browser, server.url), await CallPage.arrive(browser, server.url)];
  const [ann, bob] = people as [CallPage, CallPage];
  if (prepare) {
    await ann.context.addInitScript(prepare);
    await ann.page.reload();
  }
  await ann.start();
  await ann.until("waiting");
  await bob.start();
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
  return [ann, bob];
}

it("shows who is typing, and that a line was seen once the chat is in sight", async () => {
  const [ann, bob] = await call();
  await bob.show(false);
  const input = ann.at("chat-input");
  await expect
    .poll(async () => {
      // Until the code for it is there, nothing is said about typing.
      await input.fill("");
      await input.pressSequentially("Hel");
      return bob.at("typing").getAttribute("data-active");
    })
    .toBe("true");
  await input.pressSequentially("lo");
  await input.press("Enter");
  await bob.at("chat-log").getByText("Hello").waitFor({ state: "attached" });
  await expect.poll(() => bob.at("typing").getAttribute("data-active")).toBe("false");
  expect(await ann.at("seen").count()).toBe(0);
  await bob.show(true);
  await ann.at("seen").waitFor();
  expect(await bob.at("seen").count()).toBe(0);
});

/** Runs in a page before its own scripts: a client from before the channel between partners. */
function withoutPartnerChannel(): void {
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Original {
    override createDataChannel(label: string, init?: RTCDataChannelInit): RTCDataChannel {
      if (label === "partner") throw new Error("this client does not know it");
      return super.createDataChannel(label, init);
    }
  };
}

it("chats with a client from before, which gets a hello and nothing else", async () => {
  const [ann, bob] = await call(withoutPartnerChannel);
  await bob.at("chat-input").fill("Hello");
  await bob.at("chat-input").press("Enter");
  await ann.at("chat-log").getByText("Hello").waitFor({ state: "attached" });
  await ann.at("chat-input").fill("Hi");
  await ann.at("chat-input").press("Enter");
  await bob.at("chat-log").getByText("Hi").waitFor({ state: "attached" });
  const sent = await bob.page.evaluate(async () => {
    const running = window.connections.find((one) => one.connectionState === "connected");
    const report = await running?.getStats();
    const entries = [...((report as unknown as Map<string, Record<string, unknown>> | undefined)?.values() ?? [])];
    return entries.find(({ type, label }) => type === "data-channel" && label === "partner")?.messagesSent;
  });
  expect(sent).toBe(1);
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
});
