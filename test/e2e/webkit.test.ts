import { afterAll, beforeAll, expect, it } from "vitest";
import { ServerProcess } from "./support/server-process.js";
import { WebKit } from "./support/webkit.js";

// Debian builds WebKitGTK without WebRTC, so that no call is possible there.
let server: ServerProcess;
let webkit: WebKit;
beforeAll(async () => {
  server = await ServerProcess.start();
  webkit = await WebKit.launch();
});
afterAll(async () => {
  await webkit.close();
  await server.close();
});

it("is told in one sentence, before and after Start, that a browser without WebRTC makes no calls", async () => {
  await webkit.open(server.url);
  expect(await webkit.run("return typeof RTCPeerConnection")).toBe("undefined");
  await expect.poll(() => webkit.textOf("notice")).toContain("This browser cannot make calls");
  expect(await webkit.textOf("notice")).toContain("Use a current browser");
  await webkit.run("document.querySelector('.notice-close').click()");
  await expect.poll(() => webkit.textOf("notice")).toBeNull();
  expect(await webkit.textOf("status")).toContain("Say hello to a stranger");
  await webkit.run(`
    const ask = navigator.mediaDevices.getUserMedia;
    window.asked = 0;
    navigator.mediaDevices.getUserMedia = (...all) => { window.asked++; return ask.apply(navigator.mediaDevices, all); };
    document.querySelector('[data-testid="start"]').click();
  `);
  await expect.poll(() => webkit.textOf("notice")).toContain("This browser cannot make calls");
  expect(await webkit.run("return [window.asked, document.documentElement.dataset.phase]")).toEqual([0, "idle"]);
});

it("lays the page out, opens its settings and changes the language", async () => {
  await webkit.open(server.url);
  const sizes =
    "const { width, height } = document.querySelector('.you').getBoundingClientRect(); return [width, height]";
  await expect.poll(async () => Math.min(...((await webkit.run(sizes)) as number[]))).toBeGreaterThan(80);
  await webkit.run(`document.querySelector('[data-testid="settings"]').click()`);
  await expect.poll(() => webkit.textOf("settings-dialog")).toContain("Language of this page");
  await webkit.run(`
    const field = document.querySelector('[data-testid="page-language"]');
    field.value = "ar";
    field.dispatchEvent(new Event("change", { bubbles: true }));
  `);
  await expect.poll(() => webkit.run("return document.documentElement.dir")).toBe("rtl");
  await expect.poll(() => webkit.textOf("settings-dialog")).toContain("الإعدادات");
});
