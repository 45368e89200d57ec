import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { launchBrowser } from "../e2e/support/chromium.js";
import { ServerProcess } from "../e2e/support/server-process.js";
import { freePort } from "../support/ports.js";
import { Command } from "./support/command.js";
import { Project } from "./support/project.js";
import { reactApp } from "./support/react-app.js";
import { PATIENCE_MS } from "../support/patience.js";

const { client } = inject("tarballs");
const types = ["@types/react@19", "@types/react-dom@19", "typescript@5"];
const packages = ["react@19", "react-dom@19", ...types, "vite@8", "@vitejs/plugin-react@6"];

let project: Project;
beforeAll(async () => {
  project = await Project.create(client, ...packages);
  for (const [path, content] of Object.entries(reactApp)) await project.write(path, content);
});
afterAll(() => project.remove());

describe("a project of Vite, TypeScript and React", () => {
  it("type-checks", async () => {
    expect(await project.run("npx", "tsc")).toBe("");
  });

  it("builds with the client, and the code for tips in a separate file", async () => {
    await project.run("npx", "vite", "build", "--logLevel", "warn");
    const scripts = (await readdir(join(project.folder, "dist/assets"))).filter((name) => name.endsWith(".js"));
    const contents = await Promise.all(scripts.map((name) => project.read(`dist/assets/${name}`)));
    expect(contents.filter((content) => content.includes("SatoshigleError"))).toHaveLength(1);
    const [tips] = scripts.filter((_, at) => contents[at]?.includes("A tip on Satoshigle"));
    expect(tips).toMatch(/^tipping-/);
  });

  it("renders on the server, where importing the client has no effect", async () => {
    await project.run("npx", "vite", "build", "--ssr", "src/server.tsx", "--outDir", "server", "--logLevel", "warn");
    expect(await project.read("server/server.js")).toContain('from "@satoshigle/client/react"');
    expect(await project.run("node", "server/server.js")).toContain("<button>idle</button>");
  });
});

/** A page of the project, and the calls that it sends to the server. */
class Tab {
  readonly calls: string[] = [];

  private constructor(readonly page: Page) {
    page.on("request", (request) => {
      const [, method] = /satoshigle\.v1\.\w+\/(\w+)$/.exec(request.url()) ?? [];
      if (method !== undefined && request.method() === "POST") this.calls.push(method);
    });
  }

  static async open(browser: Browser, url: string): Promise<Tab> {
    const context = await browser.newContext({ permissions: ["camera", "microphone"] });
    const tab = new Tab(await context.newPage());
    await tab.page.goto(url);
    await tab.page.locator("button").click();
    return tab;
  }

  matchId(): Promise<string> {
    return this.page.locator("#match").innerText();
  }

  /** Waits until the partner's picture moves from now on. */
  async seesPartner(): Promise<void> {
    const countFrames = () =>
      document.querySelector<HTMLVideoElement>("#remote")?.getVideoPlaybackQuality().totalVideoFrames;
    const before = (await this.page.evaluate(countFrames)) ?? 0;
    await this.page.waitForFunction(
      (count) => {
        const video = document.querySelector<HTMLVideoElement>("#remote");
        return (video?.getVideoPlaybackQuality().totalVideoFrames ?? 0) > count;
      },
      before + 5,
      { timeout: PATIENCE_MS },
    );
  }
}

describe("its development server, with StrictMode and hot reloading", () => {
  let browser: Browser;
  let server: ServerProcess;
  let vite: Command;
  let metricsUrl: string;
  let tabs: Tab[];

  beforeAll(async () => {
    const [port, internalPort] = [String(await freePort()), String(await freePort())];
    const url = `http://localhost:${port}`;
    metricsUrl = `http://127.0.0.1:${internalPort}/metrics`;
    server = await ServerProcess.start({ CLIENT_URL: url, INTERNAL_PORT: internalPort });
    await project.write(".env", `VITE_SERVER=${server.url}`);
    vite = new Command(project.folder, {}, "npx", "vite", "--host", "localhost", "--port", port, "--strictPort");
    await vite.prints(/Local:/);
    browser = await launchBrowser();
    tabs = [await Tab.open(browser, url), await Tab.open(browser, url)];
    for (const tab of tabs) await tab.seesPartner();
  });
  afterAll(async () => {
    await browser.close();
    await vite.kill();
    await server.close();
  });

  async function sessions(): Promise<number> {
    const metrics = await (await fetch(metricsUrl)).text();
    return Number(/^satoshigle_sessions (\d+)$/m.exec(metrics)?.[1]);
  }

  /**
   * Makes replacements in a file of the project, and waits until the pages show the text of the new version. A server
   * that is busy may miss a change, so it is written again if need be.
   */
  async function edit(path: string, visible: string, ...replacements: [from: string, to: string][]): Promise<void> {
    let changed = await project.read(path);
    for (const [from, to] of replacements) changed = changed.replace(from, to);
    const shown = () => Promise.all(tabs.map(({ page }) => page.locator("body", { hasText: visible }).waitFor()));
    for (let tries = 1; ; tries++) {
      await project.write(path, changed);
      try {
        await shown();
        return;
      } catch (error) {
        if (tries === 3) throw error;
      }
    }
  }

  it("has one session and one stream in each page, although each effect runs twice", async () => {
    const counts = tabs.map(({ calls }) =>
      ["Signal", "Match", "Leave"].map((name) => calls.filter((one) => one === name).length),
    );
    expect(counts).toEqual([
      [1, 1, 0],
      [1, 1, 0],
    ]);
    expect(await sessions()).toBe(2);
  });

  it("continues the call when a component is edited, with the same connection", async () => {
    const before = await tabs[0]?.matchId();
    for (const { calls } of tabs) calls.length = 0;
    await edit("src/app.tsx", "second", [">first<", ">second<"]);
    const ofHook: [string, string] = ["useEffect(() => {\n", "useEffect(() => {\n    console.log(isIdle);\n"];
    await edit("src/app.tsx", "third", [">second<", ">third<"], ofHook);
    for (const tab of tabs) await tab.seesPartner();
    expect(before).toBeTruthy();
    expect(await Promise.all(tabs.map((tab) => tab.matchId()))).toEqual([before, before]);
    expect(tabs.map(({ calls }) => calls)).toEqual([[], []]);
    expect(await sessions()).toBe(2);
  });

  it("resumes the call when an edit reloads the page, in the same session", async () => {
    const before = await tabs[0]?.matchId();
    for (const { calls } of tabs) calls.length = 0;
    await edit("src/main.tsx", "fourth", ["<StrictMode><App />", "<StrictMode>fourth<App />"]);
    await expect
      .poll(() => Promise.all(tabs.map((tab) => tab.matchId())), { timeout: 20_000 })
      .toEqual([before, before]);
    for (const tab of tabs) await tab.seesPartner();
    expect(tabs.flatMap(({ calls }) => calls.filter((name) => name === "Leave" || name === "Match"))).toEqual([]);
    expect(await sessions()).toBe(2);
  });

  it("leaves when the component is gone", async () => {
    for (const { calls } of tabs) calls.length = 0;
    const gone = "export function App() { return <p>fifth</p>; }\nfunction Former() {";
    await edit("src/app.tsx", "fifth", ["export function App() {", gone]);
    await expect.poll(() => tabs.map(({ calls }) => calls)).toEqual([["Leave"], ["Leave"]]);
  });
});
