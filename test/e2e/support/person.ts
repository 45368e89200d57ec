import { type Browser, type BrowserContext, chromium, type Locator, type Page } from "playwright-core";
import { expect } from "vitest";

export const BROWSER_ARGS = [
  "--no-sandbox",
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Chromium with a camera and a microphone that are not real, but send real media. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: "/usr/bin/chromium", args: BROWSER_ARGS });
}

export type Phase = "idle" | "waiting" | "connecting" | "connected" | "reconnecting";

export interface Choice {
  interests?: string[];
  languages?: string[];
  relayOnly?: boolean;
}

declare global {
  interface Window {
    /** Every peer connection of the page, the oldest first. */
    connections: RTCPeerConnection[];
  }
}

/** Runs in a page before its own code: keeps its peer connections within reach. */
function watchConnections(): void {
  window.connections = [];
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      window.connections.push(this);
    }
  };
}

/** A person at the page, in a browser profile of their own. */
export class Person {
  /** What the page should never say: errors nobody caught. */
  readonly pageErrors: string[] = [];

  private constructor(
    readonly page: Page,
    readonly context: BrowserContext,
  ) {
    page.on("pageerror", (error) => this.pageErrors.push(error.message));
  }

  static async arrive(browser: Browser, url: string, choice: Choice = {}): Promise<Person> {
    const context = await browser.newContext({ permissions: ["camera", "microphone"] });
    const preferences = JSON.stringify({ interests: [], languages: [], relayOnly: false, ...choice });
    await context.addInitScript((kept) => localStorage.setItem("satoshigle.preferences", kept), preferences);
    await context.addInitScript(watchConnections);
    const person = new Person(await context.newPage(), context);
    await person.page.goto(url);
    return person;
  }

  at(testId: string): Locator {
    return this.page.getByTestId(testId);
  }

  async start(): Promise<void> {
    await this.at("start").click();
  }

  async next(): Promise<void> {
    await this.at("next").click();
  }

  async stop(): Promise<void> {
    await this.at("stop").click();
  }

  /** Shows the page, or hides it as another tab does. A browser without windows shows all pages, so the page is told. */
  async show(visible: boolean): Promise<void> {
    await this.page.evaluate((shown) => {
      Object.defineProperty(document, "visibilityState", { value: shown ? "visible" : "hidden", configurable: true });
      Object.defineProperty(document, "hidden", { value: !shown, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, visible);
  }

  async until(phase: Phase, timeoutMs = 20_000): Promise<void> {
    await this.page.waitForSelector(`html[data-phase="${phase}"]`, { state: "attached", timeout: timeoutMs });
  }

  async untilConnection(status: "online" | "reconnecting" | "closed", timeoutMs = 20_000): Promise<void> {
    await this.page.waitForSelector(`html[data-connection="${status}"]`, { state: "attached", timeout: timeoutMs });
  }

  /** Waits until the words on the page contain a text. */
  async untilTold(words: string, timeoutMs = 20_000): Promise<void> {
    await this.at("status").filter({ hasText: words }).waitFor({ timeout: timeoutMs });
  }

  phase(): Promise<string | undefined> {
    return this.page.evaluate(() => document.documentElement.dataset.phase);
  }

  /** Frames of the partner's video decoded so far. */
  frames(): Promise<number> {
    return this.at("remote-video").evaluate(
      (video: HTMLVideoElement) => video.getVideoPlaybackQuality().totalVideoFrames,
    );
  }

  /** Of each connection this page has made, whether it may use every path. */
  policies(): Promise<(string | undefined)[]> {
    return this.page.evaluate(() => window.connections.map((one) => one.getConfiguration().iceTransportPolicy));
  }

  /** The kinds of the two candidates that the call's connection uses. */
  selectedPair(): Promise<(string | undefined)[]> {
    return this.page.evaluate(async () => {
      const call = window.connections.find((one) => one.connectionState === "connected");
      const report = await call?.getStats();
      const entries = [...((report as unknown as Map<string, Record<string, string>> | undefined)?.values() ?? [])];
      const find = (id: string | undefined) => entries.find((entry) => entry.id === id);
      const transport = entries.find(({ type }) => type === "transport");
      const pair = find(transport?.selectedCandidatePairId);
      return [pair?.localCandidateId, pair?.remoteCandidateId].map((id) => find(id)?.candidateType);
    });
  }

  /** Waits until the partner's picture moves from now on. */
  async seesPartner(): Promise<void> {
    await this.until("connected");
    const before = await this.frames();
    await expect.poll(() => this.frames(), { timeout: 15_000 }).toBeGreaterThan(before + 5);
  }

  /** The session this page holds, as it keeps it for a reload. */
  sessionId(): Promise<string> {
    return this.page.evaluate(() => {
      const key = Object.keys(sessionStorage).find((one) => one.startsWith("satoshigle.session:")) ?? "";
      const { id } = JSON.parse(sessionStorage.getItem(key) ?? "{}") as { id?: string };
      if (id === undefined || id === "") throw new Error("the page holds no session");
      return id;
    });
  }

  async leaveForGood(): Promise<void> {
    await this.context.close();
  }
}
