import { randomBytes } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConsoleSite } from "./support/console-site.js";

let site: ConsoleSite;
let pages: http.Server;
beforeAll(async () => {
  site = await ConsoleSite.open();
  pages = http.createServer((_request, response) => {
    response.setHeader("content-type", "text/html").end("<!doctype html><title>A page of somebody else</title>");
  });
  await once(pages.listen(0, "127.0.0.1"), "listening");
});
afterAll(async () => {
  await site.close();
  pages.close();
});

/** The URL of the call, and a body that bans a network of its own. */
function banRequest(page: { url: string }) {
  const addressKey = randomBytes(16).toString("base64url");
  const url = `${page.url}/satoshigle.internal.v1.ModerationService/Ban`;
  return { addressKey, url, body: JSON.stringify({ addressKey, reason: "x" }) };
}

/** Ways in which a page can send a post without asking the other server first, and with asking. */
const WAYS = {
  "a form": async (page: Page, url: string, body: string) => {
    const answered = page.waitForEvent("response", (response) => response.url() === url);
    await page.evaluate(
      ([action, text]) => {
        const form = document.createElement("form");
        Object.assign(form, { method: "post", enctype: "text/plain", action });
        // The text of the form is valid JSON: {"addressKey":…,"reason":"x","a":"="}
        const field = document.createElement("input");
        [field.name, field.value] = [`${text.slice(0, -1)},"a":"`, '"}'];
        form.append(field);
        document.body.append(form);
        form.submit();
      },
      [url, body] as const,
    );
    return (await answered).status();
  },
  "fetch without CORS": (page: Page, url: string, body: string) => post(page, url, body, "text/plain", "no-cors"),
  "fetch with JSON": (page: Page, url: string, body: string) => post(page, url, body, "application/json", "cors"),
  "fetch with a type that CORS knows": (page: Page, url: string, body: string) =>
    post(page, url, body, "text/plain; charset=application/json", "cors"),
  "a beacon": async (page: Page, url: string, body: string) => {
    const answered = page.waitForEvent("response", (response) => response.url() === url);
    await page.evaluate(([to, text]) => navigator.sendBeacon(to, new Blob([text], { type: "text/plain" })), [
      url,
      body,
    ] as const);
    return (await answered).status();
  },
};

function post(page: Page, url: string, body: string, type: string, mode: RequestMode) {
  return page.evaluate(
    ([to, text, contentType, how]) =>
      fetch(to, {
        ...{ method: "POST", headers: { "content-type": contentType }, body: text, mode: how },
        credentials: "include",
      }).then(
        (response) => response.status,
        () => "blocked",
      ),
    [url, body, type, mode] as const,
  );
}

async function bannedKeys(): Promise<string[]> {
  return (await site.moderation.listBans({ pageSize: 500 })).bans.map(({ addressKey }) => addressKey);
}

/** A page of another site (127.0.0.1) and one of the same site at another port (localhost). */
describe.each(["127.0.0.1", "localhost"])("a page at another port of %s", (host) => {
  it.each(Object.keys(WAYS) as (keyof typeof WAYS)[])("cannot ban anybody with %s", async (way) => {
    const { page } = await site.visit();
    await page.goto(`http://${host}:${String((pages.address() as AddressInfo).port)}`);
    const { addressKey, url, body } = banRequest(site);
    expect(await WAYS[way](page, url, body)).not.toBe(200);
    expect(await bannedKeys()).not.toContain(addressKey);
    await page.close();
  });

  it("cannot show the console in a frame", async () => {
    const { page } = await site.visit();
    await page.goto(`http://${host}:${String((pages.address() as AddressInfo).port)}`);
    await page.evaluate((url) => {
      const frame = Object.assign(document.createElement("iframe"), { src: url });
      document.body.append(frame);
      return new Promise((resolve) => frame.addEventListener("load", resolve));
    }, site.url);
    expect(page.frames().map((frame) => frame.url())).not.toContain(`${site.url}/`);
    await page.close();
  });
});

it("the page of the console can ban with the same request", async () => {
  const operator = await site.visit();
  await operator.open("bans");
  const { addressKey, url, body } = banRequest(site);
  expect(await WAYS["fetch with JSON"](operator.page, url, body)).toBe(200);
  expect(await bannedKeys()).toContain(addressKey);
});
