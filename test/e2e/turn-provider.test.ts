import { rm } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { SharedSecret } from "../../src/adapters/turn/shared-secret.js";
import type { SessionId } from "../../src/core/ids.js";
import { type Certificate, makeCertificate } from "../support/certificate.js";
import { TestClient as Caller, transportTo } from "../support/test-client.js";
import { answers, ProviderServer } from "../support/turn-provider.js";
import { CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { ServerProcess } from "./support/server-process.js";
import { TurnServer } from "./support/turn-server.js";
import { PATIENCE_MS } from "../support/patience.js";

const SECRET = "account:t0ken/of+the provider";

let certificate: Certificate;
let provider: ProviderServer;
let server: ServerProcess | undefined;
const open: { close(): Promise<void> }[] = [];
beforeAll(async () => {
  certificate = await makeCertificate();
  provider = await ProviderServer.start({ cert: certificate.ca, key: certificate.key });
});
afterAll(async () => {
  await provider.close();
  await rm(certificate.folder, { recursive: true });
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
  const output = server?.everything ?? "";
  await server?.close();
  server = undefined;
  for (const secret of [SECRET, encodeURIComponent(SECRET), Buffer.from(SECRET).toString("base64")]) {
    expect(output).not.toContain(secret);
  }
});

async function start(variables: Record<string, string>): Promise<ServerProcess> {
  const common = { TURN_API_SECRET: SECRET, NODE_EXTRA_CA_CERTS: certificate.certFile, MAX_CONNECTIONS_PER_IP: "100" };
  provider.requests.length = 0;
  server = await ServerProcess.start({ ...common, ...variables });
  return server;
}

describe("the documented configuration", () => {
  const bearer = "authorization: Bearer {secret}";
  const basic = "authorization: Basic {secret:base64}, content-type: application/x-www-form-urlencoded";
  const encoded = Buffer.from(SECRET).toString("base64");
  it.each([
    {
      name: "cloudflare" as const,
      path: "/v1/turn/keys/some-key/credentials/generate-ice-servers",
      variables: { TURN_API_HEADERS: bearer, TURN_API_BODY: '{"ttl": {lifetime}}' },
      asked: { body: '{"ttl": 600}', headers: { authorization: `Bearer ${SECRET}` } },
      given: ["turn:turn.cloudflare.com:3478?transport=udp", "cloud-user", "cloud-password"],
    },
    {
      name: "twilio" as const,
      path: "/2010-04-01/Accounts/AC0/Tokens.json",
      variables: { TURN_API_HEADERS: basic, TURN_API_BODY: "Ttl={lifetime}", TURN_API_SERVERS: "$.ice_servers" },
      asked: { body: "Ttl=600", headers: { authorization: `Basic ${encoded}` } },
      given: ["turn:global.turn.twilio.com:3478?transport=udp", "twilio-user", "twilio-password"],
    },
    {
      name: "metered" as const,
      path: "/api/v1/turn/credential?secretKey={secret}",
      variables: {
        TURN_API_BODY: '{"expiryInSeconds": {lifetime}}',
        TURN_API_USERNAME: "$.username",
        TURN_API_PASSWORD: "$.password",
        TURN_URLS: "turn:global.relay.metered.ca:80",
      },
      asked: {
        body: '{"expiryInSeconds": 600}',
        url: `/api/v1/turn/credential?secretKey=${encodeURIComponent(SECRET)}`,
      },
      given: ["turn:global.relay.metered.ca:80", "metered-user", "metered-password"],
    },
  ])("of $name gets credentials over HTTPS", async ({ name, path, variables, asked, given }) => {
    provider.answer = JSON.stringify(answers[name]);
    const { url } = await start({ TURN_API_URL: provider.url + path, ...variables });
    const caller = await Caller.open(transportTo(url));
    expect(caller.welcome.relayAvailable).toBe(true);
    const { iceServers } = await caller.getIceServers();
    const turn = iceServers.find(({ credential }) => credential !== "");
    expect([turn?.urls[0], turn?.username, turn?.credential]).toEqual(given);
    expect(Number(turn?.lifetime?.seconds)).toBeGreaterThan(500);
    expect(provider.requests).toMatchObject([{ method: "POST", ...asked }]);
    await caller.break();
  });
});

it("relays a call with credentials of a provider, and says what is wrong when the provider fails", async () => {
  const [browser, turn] = await Promise.all([launchBrowser(), TurnServer.start()]);
  open.push(browser, turn);
  const own = new SharedSecret({ turnUrls: [turn.url], secret: turn.secret, lifetimeMs: 600_000 });
  const answer = () => JSON.stringify({ iceServers: own.issue("everybody" as SessionId, Date.now()) });
  provider.answer = answer();
  const { url } = await start({
    TURN_API_URL: provider.url,
    TURN_API_HEADERS: "x-key: {secret}",
    TURN_LIFETIME_MS: "10000",
    ICE_POLICY: "relay",
  });
  const people = [await CallPage.arrive(browser, url), await CallPage.arrive(browser, url)];
  for (const person of people) await person.start();
  await Promise.all(people.map((person) => person.seesPartner()));
  for (const person of people) expect(await person.selectedPair()).toEqual(["relay", "relay"]);

  const before = server?.output.length ?? 0;
  provider.status = 503;
  const troubles = async () =>
    ((await (await fetch(`${url}/readyz`)).json()) as { troubles: string[] }).troubles.join();
  const patience = { timeout: PATIENCE_MS };
  await expect.poll(troubles, patience).toMatch(/TURN provider gives no credentials: it answered with HTTP 503/);
  await expect.poll(troubles, patience).toMatch(/calls have no relay/);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  const outage = server?.output.slice(before) ?? "";
  expect(outage.split("the TURN provider gives no credentials")).toHaveLength(2); // one report per outage
  provider.status = 201;
  await expect.poll(troubles, patience).toBe("");
  const logged = server?.output.slice(before) ?? "";
  expect(logged.split("the TURN provider gives credentials again")).toHaveLength(2);
  for (const person of people) expect(person.pageErrors).toEqual([]);
});
