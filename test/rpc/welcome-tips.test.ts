import { randomUUID } from "node:crypto";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import type { Transport } from "@connectrpc/connect";
import { afterAll, beforeAll, expect, it } from "vitest";
import { limits } from "../../src/core/limits.js";
import { invoiceOf } from "../support/invoice.js";
import { roomy } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { startServer, type TestServer } from "../support/server.js";
import { AMOUNT, couple } from "./support/tips.js";

const WORDS = "😀".repeat(limits.tipCommentCharacters);

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ ...roomy, LIGHTNING_NETWORK: "regtest" });
});
afterAll(() => server.close());

const transports: Record<string, (baseUrl: string) => Transport> = {
  Connect: transportTo,
  "Connect in JSON": (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: false }),
  "gRPC-Web": (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
};

it("a session can reconnect after a partner sent as many and as long tips as allowed", async () => {
  const { payer: stranger, payee: victim, matchId } = await couple(server);
  const own = randomUUID();
  await victim.tips.offer({ tipId: own, matchId, amountMsat: BigInt(AMOUNT), comment: "" });
  for (let count = 0; count < limits.welcomeTips; count++) {
    const tipId = randomUUID();
    await stranger.tips.offer({ tipId, matchId, amountMsat: BigInt(AMOUNT), comment: WORDS });
    await victim.tips.sendInvoice({ tipId, invoice: invoiceOf({ amountMsat: AMOUNT }).invoice });
    await stranger.tips.cancel({ tipId });
  }
  const { token } = victim.welcome;
  for (const [name, to] of Object.entries(transports)) {
    const { welcome } = await TestClient.open(to(server.url), { token });
    expect(welcome.tips.length, `tips over ${name}`).toBeGreaterThan(30);
    expect(welcome.tips[0]?.tipId, "its own tip, which it may have to pay").toBe(own);
  }
});

it("Welcome contains at most the documented number of tips", async () => {
  const { payer: stranger, payee: victim, matchId } = await couple(server);
  const offer = () => ({ tipId: randomUUID(), matchId, amountMsat: BigInt(AMOUNT), comment: "" });
  for (let count = 0; count < limits.openTips; count++) await victim.tips.offer(offer());
  for (let count = 0; count < limits.welcomeTips; count++) {
    const tip = offer();
    await stranger.tips.offer(tip);
    await stranger.tips.cancel({ tipId: tip.tipId });
  }
  const { welcome } = await TestClient.open(transportTo(server.url), { token: victim.welcome.token });
  expect(welcome.tips).toHaveLength(limits.welcomeTips);
});
