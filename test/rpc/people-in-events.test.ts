import { randomUUID } from "node:crypto";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { expect, it } from "vitest";
import { EventService, EventType } from "../../gen/satoshigle/internal/v1/event_log_pb.js";
import { PeopleService } from "../../gen/satoshigle/internal/v1/people_pb.js";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { appSecret, identityToken } from "../support/app-keys.js";
import { invoiceOf } from "../support/invoice.js";
import { roomy } from "../support/pair.js";
import { RedisServer } from "../support/redis.js";
import { startServer, type TestServer } from "../support/server.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { meet } from "./support/networks.js";

/** Tips between two people and a report of one by the other, and what the log says until both are forgotten. */
async function follow(server: TestServer): Promise<void> {
  const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${String(server.internalPort)}` });
  const [events, people] = [createClient(EventService, transport), createClient(PeopleService, transport)];
  const enter = async (sub: string) => {
    const session = await TestClient.open(transportTo(server.url), { identityToken: await identityToken({ sub }) });
    await expect.poll(() => people.getPerson({ subject: sub }).catch(() => undefined)).toBeDefined(); // not waited for
    return session;
  };
  const [payee, payer] = [await enter("ann"), await enter("eve")];
  const { matchId } = await meet(payee, payer);
  const [tipId, { invoice, preimage }] = [randomUUID(), invoiceOf({ amountMsat: 21_000 })];
  await payer.tips.offer({ tipId, matchId, amountMsat: 21_000n, comment: "" });
  await payee.tips.sendInvoice({ tipId, invoice });
  await payer.tips.confirm({ tipId, preimage });
  await payee.report({ matchId, reason: ReportReason.SPAM });
  const keyOf = async (subject: string) => (await people.getPerson({ subject })).person?.personKey;
  const tip = { tipId, payerPersonKey: await keyOf("eve"), payeePersonKey: await keyOf("ann") };
  const types = [EventType.TIP_SETTLED, EventType.REPORT_FILED];
  const found = async () => (await events.listEvents({ pageSize: 50, types })).events.map(({ event }) => event.value);
  await expect
    .poll(found)
    .toMatchObject([{ reportedSubject: "eve" }, { ...tip, payerSubject: "eve", payeeSubject: "ann" }]);
  await people.forget({ subject: "eve" });
  expect(await found()).toMatchObject([{ reportedSubject: "" }, { ...tip, payerSubject: "", payeeSubject: "ann" }]);
  await people.forget({ subject: "ann" });
  expect(await found()).toMatchObject([{ reportedSubject: "" }, { ...tip, payerSubject: "", payeeSubject: "" }]);
}

const variables = { ...roomy, IDENTITY_SECRET: appSecret, LIGHTNING_NETWORK: "regtest" };

it("tips and reports name their people, until they are forgotten", async () => {
  const server = await startServer(variables);
  await follow(server);
  await server.close();
});

it("so they do with Redis", async () => {
  const redis = await RedisServer.start();
  const shared = { REDIS_ENABLED: "true", REDIS_URL: redis.url, SESSION_SECRET: "s".repeat(32) };
  const server = await startServer({ ...variables, ...shared });
  await follow(server);
  await server.close();
  await redis.close();
});
