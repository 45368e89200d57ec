import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { PATIENCE_MS } from "../support/patience.js";
import { BareTabs } from "./support/bare-tabs.js";
import { CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { ServerProcess } from "./support/server-process.js";

let browser: Browser;
let server: ServerProcess;
beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), ServerProcess.start()]);
});
afterAll(async () => {
  await Promise.all([browser.close(), server.close()]);
});
afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

type Window2 = Window & {
  video: HTMLVideoElement;
  screening: ReturnType<typeof window.bare.screenVideo>;
  /** What the app's function does with each picture. */
  answer: "show" | "blur" | "throw" | "hang";
  inspected: { width: number; height: number; brightness: number }[];
  states: string[];
  play: (colour: string) => void;
};
declare const window: Window2;

/** A page with a video of one colour, whose pictures are inspected. */
async function screenedPage(answer: Window2["answer"]): Promise<Page> {
  const tabs = await BareTabs.at(await browser.newContext(), server.url);
  const page = await tabs.open();
  await page.evaluate((first) => {
    [window.answer, window.inspected, window.states] = [first, [], []];
    window.video = document.createElement("video");
    Object.assign(window.video, { muted: true, autoplay: true });
    document.body.append(window.video);
    window.play = (colour) => {
      const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
      setInterval(() => {
        const context = canvas.getContext("2d");
        if (context) context.fillStyle = colour;
        context?.fillRect(0, 0, 640, 480);
      }, 100);
      window.video.srcObject = canvas.captureStream(10);
    };
    window.screening = window.bare.screenVideo(window.video, {
      everyMs: 100,
      timeoutMs: 500,
      onState: (state) => window.states.push(state),
      inspect: (picture) => {
        const { width, height } = picture;
        const [brightness = -1] = picture.getContext("2d")?.getImageData(0, 0, 1, 1).data ?? [];
        window.inspected.push({ width, height, brightness });
        if (window.answer === "throw") throw new Error("the model is not loaded");
        return window.answer === "hang" ? new Promise(() => undefined) : window.answer;
      },
    });
    window.play("white");
  }, answer);
  return page;
}

const reaches = (page: Page, state: string) =>
  page.waitForFunction((wanted) => window.screening.state === wanted, state, { timeout: PATIENCE_MS });
const isBlurred = (page: Page) =>
  page.evaluate(() => getComputedStyle(window.video).filter.includes("blur") && window.video.disablePictureInPicture);

describe("the client", () => {
  it("blurs a video until its first picture was inspected, and shows it while the app does not object", async () => {
    const page = await screenedPage("show");
    await reaches(page, "clear");
    expect(await isBlurred(page)).toBe(false);
    expect(await page.evaluate(() => [window.states, window.inspected[0]])).toEqual([
      ["clear"],
      { width: 224, height: 168, brightness: 255 },
    ]);
  });

  it("blurs it from an objection until the person agrees, also if the app objects no longer", async () => {
    const page = await screenedPage("show");
    await reaches(page, "clear");
    await page.evaluate(() => (window.answer = "blur"));
    await reaches(page, "blurred");
    const count = await page.evaluate(() => {
      window.answer = "show";
      return window.inspected.length;
    });
    expect(await isBlurred(page)).toBe(true);
    await page.evaluate(() => window.screening.agree());
    expect(await isBlurred(page)).toBe(false);
    expect(await page.evaluate(() => [window.screening.state, window.inspected.length])).toEqual(["agreed", count]);
  });

  it.each(["throw", "hang"] as const)("blurs it if the app's function fails (%s)", async (answer) => {
    const page = await screenedPage(answer);
    await reaches(page, "failed");
    expect(await isBlurred(page)).toBe(true);
  });

  it("inspects the next stream again, although the person agreed to the one before", async () => {
    const page = await screenedPage("blur");
    await reaches(page, "blurred");
    await page.evaluate(() => {
      window.screening.agree();
      window.play("black");
    });
    await reaches(page, "blurred");
    expect(await isBlurred(page)).toBe(true);
    expect(await page.evaluate(() => [window.states, window.inspected.at(-1)?.brightness])).toEqual([
      ["blurred", "agreed", "inspecting", "blurred"],
      0,
    ]);
  });

  it("shows the video and inspects no more once it is stopped", async () => {
    const page = await screenedPage("blur");
    await reaches(page, "blurred");
    await page.evaluate(() => {
      window.screening.stop();
      window.play("black");
    });
    expect(await isBlurred(page)).toBe(false);
  });
});

describe("the demo page", () => {
  /** Somebody whose camera shows nothing but black. */
  async function arriveInTheDark(): Promise<CallPage> {
    const person = await CallPage.arrive(browser, server.url);
    await person.context.addInitScript(() => {
      navigator.mediaDevices.getUserMedia = () => {
        const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 240 });
        setInterval(() => canvas.getContext("2d")?.fillRect(0, 0, 320, 240), 100);
        return Promise.resolve(canvas.captureStream(10));
      };
    });
    await person.page.reload();
    return person;
  }

  it("blurs a dark picture if that is switched on, says so, and shows it on request", async () => {
    const [ann, bob] = [await CallPage.arrive(browser, server.url), await arriveInTheDark()];
    await ann.page.evaluate(() => localStorage.setItem("satoshigle.screening", "on"));
    await ann.page.reload();
    await ann.startFirst();
    await bob.start();
    await ann.at("blur-note").waitFor();
    expect(await ann.at("blur-note").innerText()).toContain("The example check found it too dark.");
    const filter = () => ann.at("remote-video").evaluate((video) => getComputedStyle(video).filter);
    expect(await filter()).toBe("blur(32px)");
    await ann.at("show-picture").click();
    await ann.at("blur-note").waitFor({ state: "detached" });
    expect(await filter()).toBe("none");
    expect(ann.pageErrors).toEqual([]);
  });

  it("checks nothing and loads no check unless it is switched on", async () => {
    const [ann, bob] = [await CallPage.arrive(browser, server.url), await arriveInTheDark()];
    const loaded: string[] = [];
    ann.page.on("request", (request) => loaded.push(request.url()));
    await ann.startFirst();
    await bob.start();
    await ann.seesPartner();
    expect(await ann.at("blur-note").count()).toBe(0);
    expect(loaded.filter((url) => url.includes("screening"))).toEqual([]);
  });
});
