import { beforeEach, expect, it, vi } from "vitest";
import { pass, ScriptedServer, sessionOver, settle } from "./scripted-server.js";
import { ClientHarness, useFakeClock } from "./client-harness.js";

useFakeClock();

let server: ScriptedServer;
let window: EventTarget;
beforeEach(() => {
  server = new ScriptedServer();
  window = new EventTarget();
  vi.stubGlobal("addEventListener", window.addEventListener.bind(window));
  vi.stubGlobal("removeEventListener", window.removeEventListener.bind(window));
});

const hide = () => window.dispatchEvent(new Event("pagehide"));
const show = (persisted: boolean) => window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted }));

it("says goodbye for the current stream, and opens no other", async () => {
  await ClientHarness.wait(server);
  hide();
  hide();
  await pass(60_000);
  expect(server.goodbyes).toEqual(["1"]);
  expect(server.calls.at(-1)).toEqual({ name: "goodbye", token: "Bearer secret" });
  expect(server.streams.map(({ aborted }) => aborted)).toEqual([true]);
});

it("resumes when the page comes back from the cache", async () => {
  const harness = await ClientHarness.wait(server);
  hide();
  show(true);
  await settle();
  expect(server.streams.map(({ request }) => request.lastSequence)).toEqual([0, 1]);
  await server.stream.welcome({ resumed: true, lastSequence: 1 });
  expect([harness.status, harness.phase]).toEqual(["online", "waiting"]);
  hide();
  await settle();
  expect(server.goodbyes).toEqual(["1", "2"]);
});

it("begins a new session when the page comes back too late", async () => {
  const harness = await ClientHarness.wait(server);
  hide();
  await pass(60_000);
  server.onStream = () => {
    if (server.stream.token !== null) throw sessionOver();
  };
  show(true);
  await settle();
  await server.stream.welcome({ sessionId: "anna2", token: "secret2" });
  await settle();
  expect(harness.status).toBe("online");
  expect(server.matches).toHaveLength(2);
});

it("says nothing before the first stream is open, nor after it was closed", async () => {
  const harness = new ClientHarness(server);
  hide();
  const connected = harness.client.connect();
  await settle();
  hide();
  show(true);
  await settle();
  await server.stream.welcome();
  await connected;
  await harness.client.close();
  hide();
  await settle();
  expect(server.goodbyes).toEqual([]);
});
