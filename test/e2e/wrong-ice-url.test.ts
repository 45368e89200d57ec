import type { Browser } from "playwright-core";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { parseIceUrl } from "../../src/core/ice-url.js";
import { freePort } from "../support/ports.js";
import { CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { ServerProcess } from "./support/server-process.js";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

let server: ServerProcess | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Runs in a page before its own code: a URL that the server takes becomes one that the browser refuses. */
function distort(): void {
  const Original = window.RTCPeerConnection;
  const refused = (urls: string | string[]) =>
    [urls].flat().map((url) => (url.startsWith("stun:stun.distorted.example") ? `${url}?transport=udp` : url));
  window.RTCPeerConnection = class extends Original {
    constructor(configuration: RTCConfiguration = {}) {
      const iceServers = configuration.iceServers?.map((one) => ({ ...one, urls: refused(one.urls) }));
      super({ ...configuration, ...(iceServers && { iceServers }) });
    }
  };
}

it("costs the server of the URL and no call, and the operator learns of it", async () => {
  const internalPort = await freePort();
  const STUN_URLS = "stun:127.0.0.1:9,stun:stun.distorted.example:3478";
  server = await ServerProcess.start({ STUN_URLS, INTERNAL_PORT: String(internalPort), MAX_CONNECTIONS_PER_IP: "100" });
  const warnings: string[] = [];
  const people = [await CallPage.arrive(browser, server.url), await CallPage.arrive(browser, server.url)];
  for (const { page, context } of people) {
    page.on("console", (message) => {
      if (message.type() === "warning") warnings.push(message.text());
    });
    await context.addInitScript(distort);
    await page.reload();
  }
  for (const person of people) await person.start();
  await Promise.all(people.map((person) => person.seesPartner()));
  const sentence = "This browser refuses the URL stun:stun.distorted.example:3478 of a STUN or TURN server.";
  expect(warnings.filter((text) => text === sentence)).toHaveLength(2);
  const metrics = async () => (await fetch(`http://127.0.0.1:${String(internalPort)}/metrics`)).text();
  await expect.poll(metrics).toContain('satoshigle_client_problems_total{problem="ice_url_refused"} 2');
  expect(server.output.split("a browser refuses the URL of a STUN or TURN server")).toHaveLength(2);
  for (const person of people) {
    expect(person.pageErrors).toEqual([]);
    await person.leaveForGood();
  }
});

it("is none of those that the configuration accepts", async () => {
  const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?\.[a-z]{2,5}$/);
  const host = fc.oneof(
    name,
    fc.ipV4(),
    fc.ipV6().map((address) => `[${address}]`),
  );
  const port = fc.oneof(
    fc.constant(""),
    fc.integer({ min: 0, max: 70_000 }).map((number) => `:${String(number)}`),
  );
  const scheme = fc.constantFrom("stun:", "stuns:", "turn:", "turns:");
  const query = fc.constantFrom("", "?transport=udp", "?transport=tcp", "?transport=sctp");
  const urls = fc.sample(
    fc.tuple(scheme, host, port, query).map((parts) => parts.join("")),
    600,
  );
  const accepted = urls.map(parseIceUrl).flatMap((one) => ("url" in one ? [one.url] : []));
  expect(accepted.length).toBeGreaterThan(100);
  const page = await browser.newPage();
  const refused = await page.evaluate((all) => {
    return all.filter((url) => {
      try {
        new RTCPeerConnection({ iceServers: [{ urls: url, username: "u", credential: "c" }] }).close();
        return false;
      } catch {
        return true;
      }
    });
  }, accepted);
  await page.close();
  expect(refused).toEqual([]);
});
