import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { loadInCall } from "./support/in-call-parties.js";
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
  await ann.startFirst();
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

/** The symbols that a page shows. */
async function symbolsOn(person: CallPage): Promise<string> {
  await person.at("way").getByRole("button").first().click();
  await person.at("safety-code").click();
  return person.at("safety-symbols").innerText();
}

it("shows both the same four symbols, by name, and what they prove", async () => {
  const [ann, bob] = await call();
  const shown = await symbolsOn(ann);
  expect(shown.match(/[a-z]{3,}/g)?.length).toBeGreaterThanOrEqual(4);
  expect(await symbolsOn(bob)).toBe(shown);
  await ann.at("safety-dialog").getByText("nobody in between").waitFor();
});

/**
 * Runs in a page. Joins Ann and Bob by real connections to a middle, as a server does that replaces their fingerprints.
 * Returns what each of them gets: a code, or the code of an error.
 */
async function joinThroughMiddle(passesOn: boolean): Promise<string[]> {
  const { InCall, StateStore } = window.inCallParts;
  const settings = () => ({
    store: new StateStore(),
    lastLine: () => 0,
    seenLine: () => 0,
    limits: { pictureBps: Infinity, relayBps: Infinity },
  });
  const connect = async () => {
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
    a.onicecandidate = ({ candidate }) => void b.addIceCandidate(candidate ?? undefined);
    b.onicecandidate = ({ candidate }) => void a.addIceCandidate(candidate ?? undefined);
    a.createDataChannel("chat", { negotiated: true, id: 0 });
    await a.setLocalDescription();
    await b.setRemoteDescription(a.localDescription ?? { type: "offer" });
    await b.setLocalDescription();
    await a.setRemoteDescription(b.localDescription ?? { type: "answer" });
    return [a, b] as const;
  };
  const [[ann, toAnn], [bob, toBob]] = await Promise.all([connect(), connect()]);
  const parties = [new InCall({ connection: ann }, settings()), new InCall({ connection: bob }, settings())];
  if (passesOn) {
    const legs = [toAnn, toBob].map((one) => one.createDataChannel("partner", { negotiated: true, id: 2 }));
    legs.forEach((leg, at) => {
      leg.binaryType = "arraybuffer";
      leg.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => legs[1 - at]?.send(data);
    });
    const opened = (leg: RTCDataChannel) =>
      leg.readyState === "open" ? undefined : new Promise((open) => (leg.onopen = open));
    for (const leg of legs) await opened(leg);
    legs.forEach((leg) => leg.send(new Uint8Array([0x0a, 0x02, 0x08, 0x01]))); // a hello
  } else parties.push(...[toAnn, toBob].map((connection) => new InCall({ connection }, settings())));
  const outcome = (party: (typeof parties)[number]) =>
    party.safetyCode().then(
      (symbols) => symbols.map(({ name }) => name).join(" "),
      (error: unknown) => (error as { code: string }).code,
    );
  return Promise.all(parties.map(outcome));
}

it("shows different symbols when the server is in the middle of the two connections", async () => {
  const page = await browser.newPage();
  await loadInCall(page, server.url);
  const [ann, bob, toAnn, toBob] = await page.evaluate(joinThroughMiddle, false);
  expect([toAnn, toBob]).toEqual([ann, bob]);
  expect(ann?.split(" ").length).toBeGreaterThanOrEqual(4);
  expect(ann).not.toBe(bob);
  await page.close();
});

it("refuses a code when somebody in the middle passes the messages on", async () => {
  const page = await browser.newPage();
  await loadInCall(page, server.url);
  expect(await page.evaluate(joinThroughMiddle, true)).toEqual(["safety_code_refused", "safety_code_refused"]);
  await page.close();
});
