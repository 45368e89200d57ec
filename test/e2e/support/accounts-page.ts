import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";
import { STILL, useSmallCamera } from "./chromium.js";
import { watchConnections } from "./call-page.js";
import { PATIENCE_MS } from "../../support/patience.js";

export const PASSWORD = "correct horse battery staple";

interface Place {
  url: string;
  serverUrl: string;
  /** From where the server sees the browser come. */
  address: string;
  /** Appended to each name. */
  suffix: string;
}

/** Packets of pictures and sound that a page received and sent. */
interface Traffic {
  received: number;
  sent: number;
}

declare global {
  interface Window {
    /** What the page said about the partner's mode when a connection was established. */
    modesAtConnect: string[];
  }
}

/** Runs in a page before its own scripts. */
function watchModes(): void {
  window.modesAtConnect = [];
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      this.addEventListener("connectionstatechange", () => {
        const mode = document.getElementById("mode")?.textContent ?? "";
        if (this.connectionState === "connected") window.modesAtConnect.push(mode);
      });
    }
  };
}

/** The page of the example with accounts, in a browser profile of its own. */
export class AccountsPage {
  private constructor(
    readonly page: Page,
    private readonly suffix: string,
  ) {}

  static async open(browser: Browser, { url, serverUrl, address, suffix }: Place): Promise<AccountsPage> {
    // Firefox asks for no permission: see `firefox.ts`.
    const permissions = browser.browserType().name() === "chromium" ? { permissions: ["camera", "microphone"] } : {};
    const context = await browser.newContext({ ...STILL, ...permissions });
    context.setDefaultTimeout(PATIENCE_MS);
    await context.route(`${serverUrl}/**`, (route, request) =>
      route.continue({ headers: { ...request.headers(), "x-forwarded-for": address } }),
    );
    await context.addInitScript(useSmallCamera);
    await context.addInitScript(watchModes);
    await context.addInitScript(watchConnections);
    const page = await context.newPage();
    await page.goto(url);
    return new AccountsPage(page, suffix);
  }

  /** Fills in the form and presses a button. */
  async ask(name: string, button: "login" | "register", password = PASSWORD): Promise<void> {
    await this.page.locator("#name").fill(`${name}${this.suffix}`);
    await this.page.locator("#password").fill(password);
    await this.page.locator(`#${button}`).click();
  }

  async enter(name: string, button: "login" | "register", country?: string): Promise<void> {
    if (country !== undefined) await this.page.locator("#country").selectOption(country);
    await this.ask(name, button);
    await this.page.locator("#me", { hasText: name }).waitFor();
  }

  /** Chooses the countries of the people to meet; the app has stored them. */
  async seek(...countries: string[]): Promise<void> {
    await this.#saves(() => this.page.locator("#countries").selectOption(countries));
  }

  async onlyWrite(): Promise<void> {
    await this.#saves(() => this.page.locator("#text-only").check());
  }

  async #saves(change: () => Promise<unknown>): Promise<void> {
    const saved = this.page.waitForResponse((response) => response.url().endsWith("/api/choice"));
    await change();
    expect((await saved).status()).toBe(200);
  }

  /** Starts, and waits until the server has looked for a partner. */
  async start(): Promise<void> {
    const answered = this.page.waitForResponse((response) => response.url().endsWith("/Match"));
    await this.page.locator("#start").click();
    await answered;
  }

  async press(button: "start" | "next" | "stop" | "report" | "logout"): Promise<void> {
    await this.page.locator(`#${button}`).click();
  }

  /** The ID of the user who is signed in, which is the subject of its tokens. */
  subject(): Promise<string> {
    return this.page.evaluate(async () => ((await (await fetch("/api/me")).json()) as { id: string }).id);
  }

  async says(id: string, text: string | RegExp): Promise<void> {
    await this.page
      .locator(`#${id}`, { hasText: text })
      .waitFor()
      .catch(async () => {
        throw new Error(`#${id} does not say ${String(text)} in: ${await this.page.locator("body").innerText()}`);
      });
  }

  /** Writes a line, which arrives at another page. */
  async write(text: string, to: AccountsPage): Promise<void> {
    await this.page.locator("#line").fill(text);
    await this.page.locator("#line").press("Enter");
    await to.says("lines", `partner: ${text}`);
  }

  /** Sees moving pictures of the partner. */
  async sees(): Promise<void> {
    await this.says("status", "In a call: connected");
    await expect.poll(() => this.frames(), { timeout: PATIENCE_MS }).toBeGreaterThan(5);
  }

  /** Frames of the partner's video that were shown so far. Firefox counts those of a call apart. */
  frames(): Promise<number> {
    return this.page.locator("#remote").evaluate((video: HTMLVideoElement & { mozPaintedFrames?: number }) => {
      return video.mozPaintedFrames ?? video.getVideoPlaybackQuality().totalVideoFrames;
    });
  }

  /** How many cameras and microphones this page has attached to connections that are not closed. */
  attached(): Promise<number> {
    return this.page.evaluate(() => {
      const open = window.connections.filter(({ connectionState }) => connectionState !== "closed");
      const senders = open.flatMap((one) => one.getSenders());
      return senders.filter(({ track }) => track !== null).length;
    });
  }

  traffic(): Promise<Traffic> {
    return this.page.evaluate(async () => {
      const open = window.connections.filter(({ connectionState }) => connectionState !== "closed");
      const reports = await Promise.all(open.map((one) => one.getStats()));
      const entries = reports.flatMap((report) => [
        ...(report as unknown as Map<string, Record<string, number | string>>).values(),
      ]);
      const sum = (type: string, field: string) =>
        entries.filter((entry) => entry.type === type).reduce((total, entry) => total + Number(entry[field] ?? 0), 0);
      return { received: sum("inbound-rtp", "packetsReceived"), sent: sum("outbound-rtp", "packetsSent") };
    });
  }

  /** Signs out if this user is signed in, and closes the browser profile. */
  async leave(): Promise<void> {
    if (!this.page.isClosed() && (await this.page.locator("#logout").isVisible())) {
      await this.press("logout");
      await this.page.locator("#entrance").waitFor();
    }
    await this.page.context().close();
  }
}
