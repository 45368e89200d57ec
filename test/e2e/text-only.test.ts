import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { launchFirefox } from "./support/firefox.js";
import { ServerProcess } from "./support/server-process.js";

let browsers: { firefox: Browser; chromium: Browser };
beforeAll(async () => {
  const [firefox, chromium] = await Promise.all([launchFirefox(), launchBrowser()]);
  browsers = { firefox, chromium };
});
afterAll(async () => {
  await Promise.all([browsers.firefox.close(), browsers.chromium.close()]);
});

let server: ServerProcess | undefined;
const people: CallPage[] = [];
afterEach(async () => {
  for (const person of people.splice(0)) await person.leaveForGood();
  await server?.close();
  server = undefined;
});

/** What the connection of the call has received and sent. */
function traffic(person: CallPage) {
  return person.page.evaluate(async () => {
    const call = window.connections.find((one) => one.connectionState === "connected");
    const report = [...((await call?.getStats()) as unknown as Map<string, Record<string, number | string>>).values()];
    const sum = (type: string, field: string) =>
      report.filter((entry) => entry.type === type).reduce((total, entry) => total + Number(entry[field] ?? 0), 0);
    return {
      framesDecoded: sum("inbound-rtp", "framesDecoded"),
      packetsReceived: sum("inbound-rtp", "packetsReceived"),
      framesEncoded: sum("outbound-rtp", "framesEncoded"),
      packetsSent: sum("outbound-rtp", "packetsSent"),
    };
  });
}

/** A person whose browser has no camera and who continues with text. */
async function arriveWithText(browser: Browser, url: string): Promise<CallPage> {
  const person = await CallPage.arrive(browser, url);
  people.push(person);
  await person.context.addInitScript(() => {
    const devices = navigator.mediaDevices;
    const open = devices.getUserMedia.bind(devices);
    let refusals = 1;
    devices.getUserMedia = (constraints) =>
      refusals-- > 0 ? Promise.reject(new DOMException("denied", "NotAllowedError")) : open(constraints);
  });
  await person.page.reload();
  await person.start();
  await person.at("remedy-text_only").click();
  return person;
}

type Turn = "first" | "second";
type Name = keyof typeof browsers;
/** When the person with text comes, its browser, and that of the person with a camera. */
const settings: [Turn, Name, Name][] = [
  ["second", "chromium", "chromium"],
  ["first", "firefox", "chromium"],
  ["second", "firefox", "chromium"],
  ["first", "chromium", "firefox"],
  ["second", "chromium", "firefox"],
];

/** A person with text and one with a camera, in a call with each other in which a line was written. */
async function meet(
  [turn, text, camera]: [Turn, Name, Name],
  variables: Record<string, string> = {},
): Promise<[ann: CallPage, bob: CallPage]> {
  server = await ServerProcess.start({ MAX_CONNECTIONS_PER_IP: "100", ...variables });
  const arriveWithCamera = async (): Promise<CallPage> => {
    const person = await CallPage.arrive(browsers[camera], server?.url ?? "");
    people.push(person);
    await person.start();
    return person;
  };
  let [ann, bob]: (CallPage | undefined)[] = [];
  if (turn === "first") {
    ann = await arriveWithText(browsers[text], server.url);
    await ann.until("waiting");
    expect(await ann.page.locator(".them-nothing").isVisible()).toBe(false);
    bob = await arriveWithCamera();
  } else {
    bob = await arriveWithCamera();
    await bob.until("waiting");
    ann = await arriveWithText(browsers[text], server.url);
  }
  await Promise.all([ann.until("connected"), bob.until("connected")]);
  // Before there is a connection.
  await bob.untilStatus("Found someone, connecting…Your partner only writes.");
  await write(bob, ann, "hello");
  return [ann, bob];
}

async function write(from: CallPage, to: CallPage, line: string): Promise<void> {
  await from.at("chat-input").fill(line);
  await from.at("chat-send").click();
  await to.at("chat-log").getByText(line).waitFor();
}

it.each(settings)("receives no media: the person with text comes %s, in %s, to one in %s", async (...setting) => {
  const [ann, bob] = await meet(setting);
  expect(await ann.at("limit").textContent()).toBe("");
  await ann.page.getByText("Text only. Turn on your microphone or camera").waitFor();
  expect(await traffic(ann)).toMatchObject({ framesDecoded: 0, packetsReceived: 0 });
  expect(await traffic(bob)).toMatchObject({ framesEncoded: 0, packetsSent: 0 });

  await ann.at("camera").click();
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
  expect((await ann.attempts()).restarts).toBe(0);
});

/** The mode binds the server, whichever browsers the two have: a setting of each kind is enough. */
const fewer = settings.slice(0, 3);

it.each(fewer)("sends none either where the mode is binding: it comes %s, in %s, to %s", async (...setting) => {
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-text-"));
  const file = join(folder, "matching.yaml");
  await writeFile(file, "attributes:\n  - name: languages\n  - name: mode\n");
  const [ann, bob] = await meet(setting, { MATCHING_FILE: file });
  await ann.at("limit").getByText("This call is text only.").waitFor();
  expect(await bob.at("limit").textContent()).toBe("");
  const refused: string[] = [];
  for (const { page } of [ann, bob]) {
    page.on("response", (response) => {
      if (response.status() >= 400) refused.push(`${String(response.status())} ${response.url()}`);
    });
  }
  await ann.at("camera").click();
  await expect
    .poll(() => ann.at("local-video").evaluate((video: HTMLVideoElement) => video.videoWidth))
    .toBeGreaterThan(0);
  await write(ann, bob, "do you see me?");
  await write(bob, ann, "no");
  const still = { framesDecoded: 0, packetsReceived: 0, framesEncoded: 0, packetsSent: 0 };
  expect([await traffic(ann), await traffic(bob)]).toEqual([still, still]);
  expect(refused).toEqual([]);
  expect((await ann.attempts()).restarts).toBe(0);

  // What was switched on counts from the next partner on.
  const searched = ann.page.waitForResponse((response) => response.url().endsWith("/Match"));
  await bob.stop();
  await searched;
  await ann.until("waiting");
  expect(await ann.at("limit").textContent()).toBe("");
  const cyd = await CallPage.arrive(browsers.chromium, server?.url ?? "");
  people.push(cyd);
  await cyd.start();
  await Promise.all([ann.seesPartner(), cyd.seesPartner()]);
  await rm(folder, { recursive: true });
});
