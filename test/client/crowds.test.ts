import { beforeEach, expect, it } from "vitest";
import { ClientHarness, useFakeClock } from "./client-harness.js";
import { pass, ScriptedServer } from "./scripted-server.js";

useFakeClock();

/** How long the longest retry may take, whatever a server says. */
const MAX_PAUSE_MS = 10_000;

let server: ScriptedServer;
beforeEach(() => {
  server = new ScriptedServer();
});

/** How long clients wait that lose a stream on which the server said over how long they are to come back. */
async function pausesMs(saidMs: number | undefined): Promise<number[]> {
  const pauses: number[] = [];
  const harness = await ClientHarness.wait(server);
  for (let cuts = 0; cuts < 40; cuts++) {
    await server.stream.control({ case: "heartbeat", value: {} }, saidMs);
    await pass(6_000); // the stream was stable
    const [cutMs, opened] = [Date.now(), server.streams.length];
    await server.stream.end();
    await pass(0);
    const { connection } = harness.client.state;
    const atMs = connection.status === "reconnecting" ? connection.retryAtMs : cutMs;
    pauses.push(atMs - cutMs);
    await pass(atMs - cutMs);
    expect(server.streams).toHaveLength(opened + 1);
    await server.stream.welcome({ resumed: true });
  }
  await harness.client.close();
  return pauses;
}

it("spreads its first attempt over a quarter of a second unless the server says otherwise", async () => {
  expect(Math.max(...(await pausesMs(undefined)))).toBeLessThanOrEqual(250);
});

it("spreads its first attempt over the time that the server needs for all of its clients", async () => {
  const pauses = await pausesMs(4_000);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(4_000);
  expect(Math.max(...pauses)).toBeGreaterThan(1_000);
});

it.each([
  ["centuries", 1e13],
  ["a time before now", -5_000],
])("waits for a bounded time when a server says %s", async (_, saidMs) => {
  const pauses = await pausesMs(saidMs);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(MAX_PAUSE_MS);
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(0);
});

it("backs off as usual after the first attempt", async () => {
  await ClientHarness.wait(server);
  await server.stream.control({ case: "heartbeat", value: {} }, 8_000);
  await pass(6_000);
  server.onStream = () => {
    throw new Error("refused");
  };
  const before = server.streams.length;
  await server.stream.end();
  await pass(8_000);
  await pass(4_000);
  expect(server.streams.length - before, "attempts after the first").toBeGreaterThan(2);
});

it("is more patient after it was cut off together with many", async () => {
  await ClientHarness.wait(server);
  await server.stream.control({ case: "heartbeat", value: {} }, 1_500);
  await pass(6_000);
  const before = server.streams.length;
  await server.stream.end();
  await pass(1_500);
  expect(server.streams).toHaveLength(before + 1);
  await pass(4_000);
  expect(server.stream.aborted, "four times the spread has not passed").toBe(false);
  expect(server.streams).toHaveLength(before + 1);
});
