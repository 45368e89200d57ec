import { beforeEach, expect, it } from "vitest";
import { away, pass, ScriptedServer, sessionOver } from "./scripted-server.js";
import { useFakeClock, ClientHarness } from "./client-harness.js";

useFakeClock();

let server: ScriptedServer;
beforeEach(() => {
  server = new ScriptedServer();
});

it.each(["http://server.test", "https://server.test"])(
  "names buffering when the stream does not arrive although %s answers calls, and asks no sooner than it must",
  async (url) => {
    server.onCall = () => {
      throw sessionOver();
    };
    const harness = new ClientHarness(server, {}, url);
    void harness.client.connect();
    await pass(4_900);
    expect(server.calls).toEqual([]);
    await pass(3_100);
    expect(server.calls).toEqual([{ name: "send", token: null }]);
    expect(harness.errors).toMatchObject([{ code: "stream_buffered" }]);
    expect(harness.errors[0]?.message).toContain("A proxy buffers the stream");
    await pass(10_000);
    await server.stream.welcome();
    expect(harness.status).toBe("online");
  },
);

it("names buffering when the head of the stream arrived and its first event did not, without asking", async () => {
  server.onCall = () => new Promise(() => undefined);
  server.sendsHeadFirst = true;
  const harness = new ClientHarness(server, {}, "http://server.test");
  void harness.client.connect();
  await pass(8_000);
  expect(harness.errors).toMatchObject([{ code: "stream_buffered" }]);
  expect(server.calls).toEqual([]);
});

it("does not take a server that cannot be reached for a buffering proxy", async () => {
  server.onCall = () => {
    throw away();
  };
  const harness = new ClientHarness(server, {}, "https://server.test");
  void harness.client.connect();
  await pass(8_000);
  expect(harness.errors).toMatchObject([{ code: "server_unreachable" }]);
});
