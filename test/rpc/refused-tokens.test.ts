import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { identityToken, appSecret } from "../support/app-keys.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { TestClient } from "../support/test-client.js";
import { behindProxy, transportFrom } from "./support/networks.js";

const MAX = 5;
const ADDRESS = "10.1.0.1";

let server: TestServer;
beforeEach(async () => {
  const limits = { RATE_LIMIT_MAX_REQUESTS: String(MAX), RATE_LIMIT_WINDOW_MS: "3600000" };
  server = await startServer({ ...behindProxy, ...limits, IDENTITY_SECRET: appSecret });
});
afterEach(() => server.close());

const open = (token: string, address = ADDRESS) =>
  TestClient.open(transportFrom(server, address), { identityToken: token });
const forge = (index: number) => identityToken({ sub: String(index) }, "another secret of thirty-two characters");
const refuse = async (address?: string) => {
  for (let index = 0; index < MAX; index++) {
    expect(await refusalOf(open(await forge(index), address))).toMatchObject({ problem: "signature" });
  }
};

it("beyond RATE_LIMIT_MAX_REQUESTS refused tokens of an address, tokens are refused without a look at them", async () => {
  const known = await identityToken({ sub: "ann" });
  await open(known);
  await refuse();
  for (const token of [await forge(99), await identityToken({ sub: "bob" })]) {
    const refusal = await refusalOf(open(token));
    expect(refusal).toMatchObject({ code: "ResourceExhausted", reason: "LIMIT_REACHED" });
    expect(refusal.message).toContain("refused identity tokens from this address");
    expect(refusal.retryMs).toBeGreaterThan(0);
  }
  await open(known); // a token that was verified before costs nothing
  await open(await identityToken({ sub: "bob" }), "10.1.0.2");
  await TestClient.open(transportFrom(server, ADDRESS)); // without an identity
});

it("tokens that are accepted do not count", async () => {
  for (let index = 0; index < 2 * MAX; index++) await open(await identityToken({ sub: String(index) }));
  await refuse();
});

it("tokens whose claims this server does not allow count, although they are the app's", async () => {
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-refused-"));
  const file = join(folder, "matching.yaml");
  await writeFile(file, "attributes:\n  - { name: level, values: [low, high], said_by: [app] }\n");
  const limits = { RATE_LIMIT_MAX_REQUESTS: String(MAX), RATE_LIMIT_WINDOW_MS: "3600000" };
  const choosy = await startServer({ ...behindProxy, ...limits, IDENTITY_SECRET: appSecret, MATCHING_FILE: file });
  const enter = async (sub: string, level: string) =>
    TestClient.open(transportFrom(choosy, ADDRESS), {
      identityToken: await identityToken({ sub, attributes: { level } }),
    });
  await enter("ann", "low");
  for (let index = 0; index < MAX; index++) {
    expect(await refusalOf(enter(String(index), "middle"))).toMatchObject({ problem: "claim" });
  }
  expect(await refusalOf(enter("bob", "low"))).toMatchObject({ reason: "LIMIT_REACHED" });
  await choosy.close();
  await rm(folder, { recursive: true });
});

it("refused tokens count for the networks of a household", async () => {
  for (const subnet of ["1", "2", "3", "4"]) await refuse(`2001:db8:0:${subnet}::1`);
  const refusal = await refusalOf(open(await identityToken({ sub: "ann" }), "2001:db8:0:5::1"));
  expect(refusal).toMatchObject({ reason: "LIMIT_REACHED" });
});
