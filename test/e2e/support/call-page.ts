import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { PATIENCE_MS } from "../../support/patience.js";
import { STILL, useSmallCamera } from "./chromium.js";

export type Phase = "idle" | "waiting" | "connecting" | "connected" | "reconnecting";

export interface Choice {
  interests?: string[];
  languages?: string[];
  relayOnly?: boolean;
  attributes?: Record<string, string[]>;
  filters?: Record<string, string[]>;
}

declare global {
  interface Window {
    /** All peer connections of the page, oldest first. */
    connections: RTCPeerConnection[];
    /** How often they restarted ICE. */
    restarts: number;
    /** Every status that the page has shown, in order. */
    statuses: string[];
    /** Index of the status that was looked for last. */
    seenStatus: number;
  }
}

/** Runs in a page before its own scripts: records its peer connections. */
export function watchConnections(): void {
  window.connections = [];
  window.restarts = 0;
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      window.connections.push(this);
    }

    override restartIce(): void {
      window.restarts++;
      super.restartIce();
    }
  };
}

/** Runs in a page before its own code: records each status, as a test on a busy machine may look too late. */
function watchStatus(): void {
  [window.statuses, window.seenStatus] = [[], 0];
  const look = () => {
    const shown = [...document.querySelectorAll('[data-testid="status"]')].map(({ textContent }) => textContent);
    const status = shown.join(" ").replaceAll(/\s+/g, " ");
    if (status !== window.statuses.at(-1)) window.statuses.push(status);
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
}

/** The demo page in its own browser profile. */
export class CallPage {
  /** Uncaught errors of the page. */
  readonly pageErrors: string[] = [];

  private constructor(
    readonly page: Page,
    readonly context: BrowserContext,
  ) {
    page.on("pageerror", (error) => this.pageErrors.push(error.message));
  }

  static async arrive(browser: Browser, url: string, choice: Choice = {}, locale = "en-US"): Promise<CallPage> {
    // Firefox asks for no permission: see `firefox.ts`.
    const permissions = browser.browserType().name() === "chromium" ? { permissions: ["camera", "microphone"] } : {};
    const context = await browser.newContext({ locale, ...STILL, ...permissions });
    const preferences = JSON.stringify({ interests: [], languages: [], relayOnly: false, ...choice });
    await context.addInitScript((kept) => {
      if (origin !== "null") localStorage.setItem("satoshigle.preferences", kept); // Firefox has none in an empty page
    }, preferences);
    await context.addInitScript(useSmallCamera);
    await context.addInitScript(watchConnections);
    await context.addInitScript(watchStatus);
    context.setDefaultTimeout(PATIENCE_MS);
    const person = new CallPage(await context.newPage(), context);
    await person.page.goto(url);
    return person;
  }

  at(testId: string): Locator {
    return this.page.getByTestId(testId);
  }

  async start(): Promise<void> {
    await this.at("start").click();
  }

  /**
   * Starts, and waits until the server has queued this person: those who start later wait behind. The page shows the
   * wait before the server knows of it.
   */
  async startFirst(): Promise<void> {
    const answered = this.page.waitForResponse((response) => response.url().endsWith("/Match"));
    await this.start();
    await answered;
    await this.until("waiting");
  }

  async next(): Promise<void> {
    await this.at("next").click();
  }

  async stop(): Promise<void> {
    await this.at("stop").click();
  }

  /** Shows the page, or hides it as another tab does. A headless browser shows all pages. */
  async show(visible: boolean): Promise<void> {
    await this.page.evaluate((shown) => {
      Object.defineProperty(document, "visibilityState", { value: shown ? "visible" : "hidden", configurable: true });
      Object.defineProperty(document, "hidden", { value: !shown, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, visible);
  }

  async until(phase: Phase, timeoutMs = PATIENCE_MS): Promise<void> {
    await this.page.waitForSelector(`html[data-phase="${phase}"]`, { state: "attached", timeout: timeoutMs });
  }

  async untilConnection(status: "online" | "reconnecting" | "closed", timeoutMs = PATIENCE_MS): Promise<void> {
    await this.page.waitForSelector(`html[data-connection="${status}"]`, { state: "attached", timeout: timeoutMs });
  }

  /** Waits until the status contains a text, or has contained it since the last such wait. */
  async untilStatus(words: string, timeoutMs = PATIENCE_MS): Promise<void> {
    const wasShown = (text: string) => {
      const index = window.statuses.findIndex((status, at) => at >= window.seenStatus && status.includes(text));
      if (index >= 0) window.seenStatus = index;
      return index >= 0;
    };
    await this.page.waitForFunction(wasShown, words, { timeout: timeoutMs });
  }

  phase(): Promise<string | undefined> {
    return this.page.evaluate(() => document.documentElement.dataset.phase);
  }

  /** Frames of the partner's video shown so far. Firefox counts those of a call apart. */
  frames(): Promise<number> {
    return this.at("remote-video").evaluate((video: HTMLVideoElement & { mozPaintedFrames?: number }) => {
      return video.mozPaintedFrames ?? video.getVideoPlaybackQuality().totalVideoFrames;
    });
  }

  /** The ICE transport policy of each connection of this page. */
  policies(): Promise<(string | undefined)[]> {
    return this.page.evaluate(() => window.connections.map((one) => one.getConfiguration().iceTransportPolicy));
  }

  /** How many connections the page has made, and how often it restarted ICE. */
  attempts(): Promise<{ connections: number; restarts: number }> {
    return this.page.evaluate(() => ({ connections: window.connections.length, restarts: window.restarts }));
  }

  /** When the newest credentials expire that a connection of the page gathered with, in milliseconds. */
  credentialsUntilMs(): Promise<number> {
    return this.page.evaluate(() => {
      const servers = window.connections.flatMap((one) => one.getConfiguration().iceServers ?? []);
      return Math.max(0, ...servers.map(({ username = "" }) => Number(username.split(":")[0]) * 1000));
    });
  }

  /** The kinds of the two candidates that the call's connection uses. */
  selectedPair(): Promise<(string | undefined)[]> {
    return this.page.evaluate(async () => {
      const call = window.connections.find((one) => one.connectionState === "connected");
      const report = await call?.getStats();
      const entries = [...((report as unknown as Map<string, Record<string, string>> | undefined)?.values() ?? [])];
      const find = (id: string | undefined) => entries.find((entry) => entry.id === id);
      const transport = entries.find(({ type }) => type === "transport");
      const selected = entries.find((entry) => entry.type === "candidate-pair" && String(entry.selected) === "true");
      const pair = find(transport?.selectedCandidatePairId) ?? selected;
      return [pair?.localCandidateId, pair?.remoteCandidateId].map((id) => find(id)?.candidateType);
    });
  }

  /** Waits until further frames of the partner's video arrive. */
  async seesPartner(): Promise<void> {
    await this.until("connected");
    await this.seesFrames(5);
    await this.page.evaluate(() => (window.seenStatus = Math.max(0, window.statuses.length - 1)));
  }

  /** Waits until the partner's video has shown so many more frames. */
  async seesFrames(count: number): Promise<void> {
    const wanted = (await this.frames()) + count;
    const untilMs = Date.now() + PATIENCE_MS;
    while ((await this.frames()) <= wanted) {
      // Concurrent tests use this too, and have an `expect` of their own.
      if (Date.now() > untilMs) throw new Error(`the video stands still: ${JSON.stringify(await this.mediaState())}`);
      await sleep(100);
    }
  }

  /** Where the partner's video may have stopped: in a connection, on its way, or in the picture. */
  async mediaState(): Promise<unknown> {
    const picture = await this.at("remote-video").evaluate(({ paused, readyState }: HTMLVideoElement) => ({
      paused,
      readyState,
      visibility: document.visibilityState,
      phase: document.documentElement.dataset.phase,
    }));
    const connections = await this.page.evaluate(() =>
      Promise.all(
        window.connections.map(async (one) => {
          const entries = [...((await one.getStats()) as unknown as Map<string, Record<string, unknown>>).values()];
          const rtp = entries.filter(({ type, kind }) => /^(in|out)bound-rtp$/.test(String(type)) && kind === "video");
          return { state: one.connectionState, signaling: one.signalingState, rtp };
        }),
      ),
    );
    return { picture, connections };
  }

  /** The session that this page stores for a reload, once it has one. */
  async sessionId(): Promise<string> {
    const id = await this.page.waitForFunction(() => {
      const key = Object.keys(sessionStorage).find((one) => one.startsWith("satoshigle.session:")) ?? "";
      return (JSON.parse(sessionStorage.getItem(key) ?? "{}") as { id?: string }).id;
    });
    return (await id.jsonValue()) ?? "";
  }

  async leaveForGood(): Promise<void> {
    await this.context.close();
  }
}
