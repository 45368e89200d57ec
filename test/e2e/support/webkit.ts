import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { vi } from "vitest";
import { freePort } from "../../support/ports.js";
import { PATIENCE_MS } from "../../support/patience.js";

const DRIVER = "/usr/bin/WebKitWebDriver";
const BROWSER = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";

/** WebKitGTK on a screen in memory, driven by its own WebDriver. */
export class WebKit {
  #session = "";

  private constructor(
    private readonly driverUrl: string,
    private readonly processes: readonly ChildProcess[],
  ) {}

  static async launch(): Promise<WebKit> {
    const screen = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", "1280x900x24", "-nolisten", "tcp"], {
      stdio: ["ignore", "ignore", "ignore", "pipe"],
    });
    const [display] = (await once(screen.stdio[3] as Readable, "data")) as [Buffer];
    const port = String(await freePort());
    const env = {
      PATH: process.env.PATH,
      DISPLAY: `:${String(display).trim()}`,
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1", // its sandbox does not run as root
    };
    const driver = spawn(DRIVER, [`--port=${port}`], { stdio: "ignore", env });
    const webkit = new WebKit(`http://127.0.0.1:${port}`, [driver, screen]);
    try {
      await webkit.#begin();
      return webkit;
    } catch (error) {
      await webkit.close();
      throw error;
    }
  }

  async #begin(): Promise<void> {
    await vi.waitUntil(() => this.#call("GET", "/status").catch(() => null), { timeout: PATIENCE_MS });
    const browserOptions = { binary: BROWSER, args: ["--automation"] };
    const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": browserOptions } };
    const { sessionId } = (await this.#call("POST", "/session", { capabilities })) as { sessionId: string };
    this.#session = `/session/${sessionId}`;
  }

  async open(url: string): Promise<void> {
    await this.#call("POST", `${this.#session}/url`, { url });
  }

  /** Runs a function body in the page. */
  run(script: string): Promise<unknown> {
    return this.#call("POST", `${this.#session}/execute/sync`, { script, args: [] });
  }

  /** The text of an element; null while there is none. */
  textOf(testId: string): Promise<unknown> {
    return this.run(`return document.querySelector('[data-testid="${testId}"]')?.innerText ?? null`);
  }

  async close(): Promise<void> {
    if (this.#session !== "") await this.#call("DELETE", this.#session).catch(() => undefined);
    for (const child of this.processes) {
      const exit = once(child, "exit");
      if (child.exitCode === null && child.kill()) await exit;
    }
  }

  async #call(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(this.driverUrl + path, { method, ...(body && { body: JSON.stringify(body) }) });
    const { value } = (await response.json()) as { value: unknown };
    if (!response.ok) throw new Error(`${path}: ${JSON.stringify(value)}`);
    return value;
  }
}
