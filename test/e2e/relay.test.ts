import { networkInterfaces } from "node:os";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { SharedSecret } from "../../src/adapters/turn/shared-secret.js";
import type { SessionId } from "../../src/core/ids.js";
import { Cable } from "./support/cable.js";
import { type Choice, CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { ServerProcess } from "./support/server-process.js";
import { RELAY_ADDRESS, TurnServer } from "./support/turn-server.js";
import { PATIENCE_MS } from "../support/patience.js";

const patience = { timeout: PATIENCE_MS };

let browser: Browser;
let turn: TurnServer;
beforeAll(async () => {
  [browser, turn] = await Promise.all([launchBrowser(), TurnServer.start()]);
});
afterAll(async () => {
  await Promise.all([browser.close(), turn.close()]);
});

interface Visit {
  person: CallPage;
  cable: Cable;
}

let server: ServerProcess | undefined;
const visits: Visit[] = [];
afterEach(async () => {
  const errors = visits.flatMap(({ person }) => person.pageErrors);
  for (const { person, cable } of visits.splice(0)) {
    await person.leaveForGood();
    cable.close();
  }
  await server?.close();
  server = undefined;
  expect(errors).toEqual([]);
});

async function arrive(choice: Choice = {}): Promise<Visit> {
  const cable = await Cable.to(server?.url ?? "");
  const visit = { person: await CallPage.arrive(browser, cable.url, choice), cable };
  visits.push(visit);
  return visit;
}

/** Runs in a page before its own scripts: a browser that reveals its addresses despite the settings. */
function carelessly(): void {
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super({ ...configuration, iceTransportPolicy: "all" });
    }
  };
}

/** Two pages in a call. The first waits, so that the second's offer is sent with its `Match`. */
async function call(variables: Record<string, string>, first: Choice = {}): Promise<[Visit, Visit]> {
  server = await ServerProcess.start({ ...turn.variables, ...variables, MAX_CONNECTIONS_PER_IP: "100" });
  const [ann, bob] = [await arrive(first), await arrive()];
  await ann.person.startFirst();
  await bob.person.start();
  await Promise.all([ann.person.seesPartner(), bob.person.seesPartner()]);
  return [ann, bob];
}

/** Addresses that a page received, without the relay's and placeholders. The page's policy names those of wallets. */
function addressesIn(received: string): string[] {
  const text = received.replaceAll(/^content-security-policy: .*$/gim, "");
  const own = Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? []);
  const quads = text.match(/(?<![\d.])\d{1,3}(\.\d{1,3}){3}(?![\d.])/g) ?? [];
  const others = [...own.filter((address) => address !== "::1"), ".local "].filter((one) => text.includes(one));
  return [...new Set([...quads, ...others])].filter((one) => one !== RELAY_ADDRESS && one !== "0.0.0.0");
}

it("relays the call if one side asks for it, and neither page receives an address but the relay's", async () => {
  const [ann, bob] = await call({}, { relayOnly: true });
  for (const { person } of [ann, bob])
    await expect.poll(() => person.selectedPair(), patience).toEqual(["relay", "relay"]);
  for (const { cable } of [ann, bob]) {
    expect(cable.traffic.received).toContain(` ${RELAY_ADDRESS} `);
    expect(cable.traffic.received).toContain("raddr 0.0.0.0 rport 0");
    expect(cable.traffic.received).not.toMatch(/ typ (host|srflx|prflx)/);
    expect(addressesIn(cable.traffic.received)).toEqual([]);
  }
});

it("redacts addresses that a page reveals despite a relayed call, in both directions", async () => {
  server = await ServerProcess.start({ ...turn.variables, ICE_POLICY: "relay", MAX_CONNECTIONS_PER_IP: "100" });
  const both = [await arrive(), await arrive()];
  for (const { person } of both) {
    await person.context.addInitScript(carelessly);
    await person.page.reload();
    await person.start();
  }
  for (const { cable } of both) {
    await expect.poll(() => cable.traffic.sent, patience).toMatch(/ typ host/);
    await expect.poll(() => cable.traffic.received, patience).toMatch(/ typ relay/);
  }
  await Promise.all(both.map(({ person }) => person.until("connected")));
  for (const { cable } of both) expect(addressesIn(cable.traffic.received)).toEqual([]);
});

it("goes direct if both agree, without the server's knowledge", async () => {
  const [ann, bob] = await call({}, { relayOnly: true });
  await ann.person.at("way").getByRole("button").click();
  await ann.person.at("ask-direct").click();
  await bob.person.at("go-direct").click();
  for (const { person } of [ann, bob]) {
    await expect.poll(() => person.selectedPair(), patience).not.toContain("relay");
    await person.seesPartner();
    await person.page.waitForSelector('[data-testid="way"][data-way="direct"]');
  }
  expect(ann.cable.traffic.sent).not.toMatch(/ typ (host|srflx)/);
  for (const { cable } of [ann, bob]) expect(addressesIn(cable.traffic.received)).toEqual([]);
});

it("stays relayed if the partner declines", async () => {
  const [ann, bob] = await call({ ICE_POLICY: "relay" });
  await ann.person.at("way").getByRole("button").click();
  await ann.person.at("ask-direct").click();
  await bob.person.at("stay-relayed").click();
  await ann.person.at("way").getByRole("button").click();
  await ann.person.at("ask-direct").waitFor();
  expect(await ann.person.policies()).toContain("relay");
  expect(await ann.person.selectedPair()).toEqual(["relay", "relay"]);
});

it("makes a relayed first offer if the server relays every call", async () => {
  const [ann, bob] = await call({ ICE_POLICY: "relay" });
  for (const { person, cable } of [ann, bob]) {
    expect(new Set(await person.policies())).toEqual(new Set(["relay"]));
    expect(cable.traffic.sent).not.toMatch(/ typ (host|srflx)/);
    expect(addressesIn(cable.traffic.received)).toEqual([]);
  }
});

describe("the relay", () => {
  /** The candidate types and error codes that a browser gets from the relay with these credentials. */
  async function gather(secret: string, nowMs: number): Promise<{ kinds: string[]; errors: number[] }> {
    const credentials = new SharedSecret({ turnUrls: [turn.url], secret, lifetimeMs: 600_000 });
    const servers = credentials.issue("ann" as SessionId, nowMs).map(({ urls, username, credential }) => ({
      urls,
      username: username ?? "",
      credential: credential ?? "",
    }));
    const page = await browser.newPage();
    const gathered = await page.evaluate(async (iceServers) => {
      const connection = new RTCPeerConnection({ iceServers, iceTransportPolicy: "relay" });
      const [kinds, errors]: [string[], number[]] = [[], []];
      const done = new Promise<void>((resolve) => {
        connection.onicecandidateerror = ({ errorCode }) => errors.push(errorCode);
        connection.onicecandidate = ({ candidate }) => {
          if (candidate === null) resolve();
          else kinds.push(candidate.type ?? "");
        };
      });
      connection.createDataChannel("probe");
      await connection.setLocalDescription();
      await done;
      connection.close();
      return { kinds, errors };
    }, servers);
    await page.close();
    return gathered;
  }

  it("accepts our credentials", async () => {
    expect((await gather(turn.secret, Date.now())).kinds).toContain("relay");
  });

  it.each([
    ["made with another secret", "south", 0],
    ["that have expired", "north", -601_000],
  ])("refuses credentials %s", async (_, secret, shiftMs) => {
    const { kinds, errors } = await gather(secret, Date.now() + shiftMs);
    expect(kinds).toEqual([]);
    expect(errors).toContain(401);
  });
});
