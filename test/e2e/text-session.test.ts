import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { pageLanguages } from "../../src/demo/page-language.js";
import { appSecret, identityToken } from "../support/app-keys.js";
import { roomy } from "../support/pair.js";
import { signInAt } from "./support/app-token.js";
import { violationsOn } from "./support/axe.js";
import { Cable } from "./support/cable.js";
import { CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { launchFirefox } from "./support/firefox.js";
import { ServerProcess } from "./support/server-process.js";

const SENTENCE = "This session is text only: camera and microphone cannot be used.";
const restricted = { sub: "rita", restrictions: ["text_only"] };

let server: ServerProcess;
beforeAll(async () => {
  server = await ServerProcess.start({ ...roomy, IDENTITY_SECRET: appSecret });
});
afterAll(() => server.close());

describe.each([
  ["Chromium", launchBrowser],
  ["Firefox", launchFirefox],
])("a person whom the app lets only write, in %s", (_, launch) => {
  let browser: Browser;
  let people: CallPage[] = [];
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    const errors = people.flatMap(({ pageErrors }) => pageErrors);
    await Promise.all(people.map((person) => person.leaveForGood()));
    people = [];
    expect(errors).toEqual([]);
  });

  async function arrive(claims?: Record<string, unknown>, url = server.url): Promise<CallPage> {
    const person = await CallPage.arrive(browser, url);
    people.push(person);
    if (claims) {
      await signInAt(person.context, claims);
      await person.page.reload();
    }
    return person;
  }

  /** Camera and microphone are off, cannot be switched on, and say why to those who cannot see the note. */
  async function expectNoDevices(person: CallPage): Promise<void> {
    await person.at("limit").getByText(SENTENCE).waitFor();
    const asked = await person.page.evaluate(() => window.devicesAsked);
    for (const control of ["mute", "camera"].map((testId) => person.at(testId))) {
      await expect.poll(() => control.getAttribute("aria-disabled")).toBe("true");
      await control.click({ force: true });
      expect(await control.getAttribute("data-on")).toBe("false");
      const reason = await control.getAttribute("aria-describedby");
      expect(await person.page.locator(`#${String(reason)}`).textContent()).toBe(SENTENCE);
    }
    const open = await person
      .at("local-video")
      .evaluate(({ srcObject }: HTMLVideoElement) => (srcObject as MediaStream | null)?.getTracks().length ?? 0);
    expect([open, await person.page.evaluate(() => window.devicesAsked)]).toEqual([0, asked]);
  }

  it("is told so, and has no camera to switch on, before and in a call and after a reload", async () => {
    const [rita, vera] = [await arrive(restricted), await arrive()];
    await rita.startFirst();
    await expectNoDevices(rita);
    expect(await violationsOn(rita)).toEqual([]);
    await vera.start();
    await Promise.all([rita.until("connected"), vera.until("connected")]);
    await vera.untilStatus("Your partner only writes.");
    expect(await vera.at("limit").textContent()).toBe("");
    expect(await vera.at("camera").getAttribute("aria-disabled")).toBe("false");
    await expectNoDevices(rita);
    await rita.page.locator(".them-nothing:empty").waitFor({ state: "attached" });
    expect(await violationsOn(rita)).toEqual([]);
    await rita.at("chat-input").fill("hello");
    await rita.at("chat-send").click();
    await vera.at("chat-log").getByText("hello").waitFor();

    await rita.page.reload();
    await rita.until("connected");
    await expectNoDevices(rita);
    expect(await rita.page.evaluate(() => window.devicesAsked)).toBe(0);
    expect(await vera.frames()).toBe(0);
  });

  it("needs no permission for a camera", async () => {
    const rita = await arrive();
    await rita.context.addInitScript(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("denied", "NotAllowedError"));
    });
    await signInAt(rita.context, restricted);
    await rita.page.reload();
    await rita.start();
    await rita.until("waiting");
    await expectNoDevices(rita);
    expect(await rita.at("notice").count()).toBe(0);
  });

  it("sends nothing from the next stream on when the app decides it in a call", async () => {
    const cable = await Cable.to(server.url);
    onTestFinished(() => cable.close());
    const [rita, vera] = [await arrive({ sub: "rita" }, cable.url), await arrive()];
    await rita.startFirst();
    await vera.start();
    await Promise.all([rita.seesPartner(), vera.seesPartner()]);
    expect(await rita.at("limit").textContent()).toBe("");
    const token = await identityToken(restricted);
    await rita.page.evaluate((newer) => (window.appToken = newer), token);
    cable.cut();
    await rita.untilConnection("reconnecting");
    cable.mend();
    await rita.untilConnection("online");
    await expectNoDevices(rita);
    expect(await rita.phase()).toBe("connected");
  });

  it("finds no devices among the settings", async () => {
    const rita = await arrive(restricted);
    await rita.start();
    await rita.at("limit").getByText(SENTENCE).waitFor();
    await rita.at("settings").click();
    const dialog = rita.at("settings-dialog");
    await dialog.getByText(SENTENCE).waitFor();
    for (const field of ["camera-select", "microphone-select", "speaker-select", "mirror"]) {
      expect(await rita.at(field).count()).toBe(0);
    }
    await dialog.getByTestId("page-language").waitFor();
    expect(await violationsOn(rita)).toEqual([]);
  });

  it("is told so in each language, also on a small screen", async () => {
    const rita = await arrive(restricted);
    await rita.page.setViewportSize({ width: 360, height: 640 });
    await rita.start();
    await rita.at("limit").getByText(SENTENCE).waitFor();
    for (const language of pageLanguages) {
      await rita.at("settings").click();
      await rita.at("page-language").selectOption(language);
      await rita.page.keyboard.press("Escape");
      const words = JSON.parse(readFileSync(`src/demo/catalogue/${language}.json`, "utf8")) as Record<string, string>;
      await rita
        .at("limit")
        .getByText(words["limit.session"] ?? "", { exact: true })
        .waitFor();
      const [note, controls] = await Promise.all([
        rita.at("limit").boundingBox(),
        rita.page.locator(".controls").boundingBox(),
      ]);
      expect((note?.y ?? 0) + (note?.height ?? 0), language).toBeLessThanOrEqual(controls?.y ?? 0);
      expect(await violationsOn(rita), language).toEqual([]);
    }
  });
});
