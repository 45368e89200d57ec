import { expect, it } from "vitest";
import { GrpcClient } from "../support/grpc.js";
import { request } from "../support/http.js";
import { roomy } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { startServer } from "../support/server.js";

const MONITORING = "satoshigle.internal.v1.MonitoringService";
const HEALTH = "grpc.health.v1.Health";

it("resumes a drained instance, and drains it again", async () => {
  const resumed = await startServer({ ...roomy, DRAIN_TIMEOUT_MS: "600000" });
  const client = new GrpcClient(MONITORING, resumed.internalUrl);
  const itsHealth = new GrpcClient(HEALTH, resumed.internalUrl);
  const ready = async () => (await request(`${resumed.url}/readyz`)).status;
  const person = await TestClient.open(transportTo(resumed.url));
  await client.call("resumeInstance");
  expect(await ready(), "resuming an instance in service has no effect").toBe(200);
  const draining = client.call("drainInstance");
  await person.until("draining");
  expect(await ready()).toBe(503);
  await Promise.all([client.call("resumeInstance"), client.call("resumeInstance")]);
  await draining; // the stream is still open
  expect(await ready()).toBe(200);
  expect(await itsHealth.call("check", { service: "" })).toMatchObject({ status: "SERVING" });
  expect(await client.call("getStats")).toMatchObject({ stats: { streamCount: 1, ready: true } });
  const other = await TestClient.open(transportTo(resumed.url));
  const again = client.call("drainInstance");
  await other.until("draining");
  expect(await ready()).toBe(503);
  await Promise.all([person.break(), other.break(), again]);
  client.close();
  itsHealth.close();
  await resumed.close();
});

it("does not resume an instance whose process is stopping", async () => {
  const stopping = await startServer({ ...roomy, DRAIN_TIMEOUT_MS: "600000" });
  const client = new GrpcClient(MONITORING, stopping.internalUrl);
  const person = await TestClient.open(transportTo(stopping.url));
  const closed = stopping.close();
  await person.until("draining");
  await expect(client.call("resumeInstance")).rejects.toThrow("UNAVAILABLE: this process is stopping");
  await person.break();
  client.close();
  await closed;
});
