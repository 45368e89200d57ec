import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { ClientOptions } from "../../src/client/index.js";
import { ClientHarness, createStorage } from "./client-harness.js";
import { ScriptedServer } from "./scripted-server.js";

const NAME = "satoshigle.device";

let server: ScriptedServer;
beforeEach(() => {
  vi.useFakeTimers();
  server = new ScriptedServer();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function keyOf(options: ClientOptions = {}): Promise<string | undefined> {
  const harness = await ClientHarness.arrive(server, { storage: createStorage(), ...options });
  await harness.client.close();
  return server.streams.at(-1)?.request.deviceKey;
}

it("a browser sends the same random key with every session", async () => {
  const storage = createStorage();
  vi.stubGlobal("localStorage", storage);
  const first = await keyOf();
  expect(first).toMatch(/^[\w-]{22,64}$/);
  expect(await keyOf()).toBe(first);
  storage.clear();
  expect(await keyOf()).not.toBe(first);
});

it("a key that the server would refuse is replaced", async () => {
  const storage = createStorage();
  vi.stubGlobal("localStorage", storage);
  for (const spoilt of ["", "short", "a".repeat(65), "not of the alphabet, äöü"]) {
    storage.set(NAME, spoilt);
    expect(await keyOf()).toMatch(/^[\w-]{22,64}$/);
    expect(storage.get(NAME)).not.toBe(spoilt);
  }
});

it("a client that stores nothing sends no key", async () => {
  const storage = createStorage();
  vi.stubGlobal("localStorage", storage);
  expect(await keyOf({ storage: null })).toBe("");
  expect(storage.size).toBe(0);
});

it.each([
  ["without a storage", undefined],
  [
    "whose storage is full",
    { getItem: () => null, setItem: () => { throw new DOMException("", "QuotaExceededError"); } }, // prettier-ignore
  ],
])("a browser %s connects without a key", async (_, storage) => {
  vi.stubGlobal("localStorage", storage);
  expect(await keyOf()).toBe("");
});
