import { Code, ConnectError } from "@connectrpc/connect";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { SessionClosed_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { ClientHarness, createStorage, outcome, useFakeClock } from "./client-harness.js";
import { away, pass, ScriptedServer, sessionOver, settle } from "./scripted-server.js";

useFakeClock();

const MINUTE_MS = 60_000;

function taken(reason: "SUPERSEDED" | "ALREADY_CONNECTED"): ConnectError {
  return new ConnectError("elsewhere", Code.PermissionDenied, undefined, [
    { desc: ErrorInfoSchema, value: { reason } },
  ]);
}

let server: ScriptedServer;
let page: EventTarget;
beforeEach(() => {
  server = new ScriptedServer();
  page = new EventTarget();
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
});

/** What each stream without a token says: whether the client opened it on its own. */
const automatic = () => server.streams.filter(({ token }) => token === null).map(({ request }) => request.automatic);

/** Waits for a further stream. */
async function nextStream(before: number): Promise<void> {
  for (let left = 200; server.streams.length === before && left > 0; left--) await pass(100);
}

/** The session ended while the device slept: the stream is cut, and the server does not know the token any more. */
async function wakeLater(harness: ClientHarness): Promise<void> {
  const before = server.streams.length;
  await server.stream.end();
  await nextStream(before);
  await server.stream.fail(sessionOver());
  expect(harness.status).not.toBe("closed");
}

describe("a session that ended while the device slept", () => {
  it("is replaced without taking the place of another one", async () => {
    const harness = await ClientHarness.match(server);
    await wakeLater(harness);
    expect(automatic()).toEqual([false, true]);
    await server.stream.fail(taken("SUPERSEDED"));
    await pass(5 * MINUTE_MS);
    expect(harness.errors.map(({ code }) => code)).toEqual(["superseded"]);
    expect([harness.status, harness.phase, server.streams.length]).toEqual(["closed", "idle", 3]);
  });

  it("is replaced by one that does when the person asks for it", async () => {
    const harness = await ClientHarness.match(server);
    await wakeLater(harness);
    await server.stream.fail(taken("SUPERSEDED"));
    const started = outcome(harness.client.start());
    await settle();
    expect(automatic()).toEqual([false, true, false]);
    await server.stream.welcome({ sessionId: "second", token: "other" });
    expect(await started).toBe("done");
  });

  it("is replaced as before if the person is nowhere else, however often", async () => {
    const harness = await ClientHarness.wait(server);
    for (const sessionId of ["second", "third"]) {
      await wakeLater(harness);
      await server.stream.welcome({ sessionId, token: sessionId });
    }
    expect(automatic()).toEqual([false, true, true]);
    expect(harness.errors).toEqual([]);
  });

  it("is still replaced on the client's own account when the first attempts fail", async () => {
    const harness = await ClientHarness.wait(server);
    await wakeLater(harness);
    for (let times = 0; times < 3; times++) {
      const before = server.streams.length;
      await server.stream.fail(away());
      await nextStream(before);
    }
    expect(automatic()).toEqual([false, true, true, true, true]);
    await server.stream.welcome({ sessionId: "second", token: "other" });
    expect(harness.status).toBe("online");
  });
});

describe("the person asks for a session", () => {
  it("by opening the page, although the stored one is over", async () => {
    const storage = createStorage();
    await ClientHarness.wait(server, { storage });
    const reloaded = new ClientHarness(server, { storage });
    const connected = outcome(reloaded.client.connect());
    await settle();
    await server.stream.fail(sessionOver());
    expect(automatic()).toEqual([false, false]);
    await server.stream.welcome({ sessionId: "second", token: "other" });
    expect(await connected).toBe("done");
  });

  it("by returning to a page that the browser kept", async () => {
    await ClientHarness.wait(server);
    page.dispatchEvent(new Event("pagehide"));
    page.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
    await settle();
    await server.stream.fail(sessionOver());
    expect(automatic()).toEqual([false, false]);
  });
});

describe("a server that keeps the oldest session", () => {
  it("ends the attempt, and the person may try again", async () => {
    const harness = new ClientHarness(server);
    const connected = outcome(harness.client.connect());
    await settle();
    await server.stream.fail(taken("ALREADY_CONNECTED"));
    expect(await connected).toBe("already_connected");
    await pass(MINUTE_MS);
    expect(harness.errors.map(({ code }) => code)).toEqual(["already_connected"]);
    expect([server.streams.length, harness.status]).toEqual([1, "closed"]);
    const again = outcome(harness.client.connect());
    await settle();
    await server.stream.welcome();
    expect(await again).toBe("done");
  });
});

describe("an attempt whose answer was lost", () => {
  it("is not mistaken for another device", async () => {
    const harness = await ClientHarness.wait(server);
    await wakeLater(harness);
    page.dispatchEvent(new Event("online"));
    await settle();
    await server.stream.fail(taken("SUPERSEDED"));
    expect([harness.errors, harness.status]).toEqual([[], "reconnecting"]);
    await pass(10_000);
    await server.stream.welcome({ sessionId: "second", token: "other" });
    expect([harness.errors, harness.status]).toEqual([[], "online"]);
  });

  it("hides another device for half a minute only", async () => {
    const harness = await ClientHarness.wait(server);
    await wakeLater(harness);
    page.dispatchEvent(new Event("online"));
    await settle();
    server.onStream = () => {
      throw taken("SUPERSEDED");
    };
    await server.stream.fail(taken("SUPERSEDED"));
    await pass(MINUTE_MS);
    expect(harness.errors.map(({ code }) => code)).toEqual(["superseded"]);
    expect(harness.status).toBe("closed");
  });
});

it("a session that was closed in favour of another is not replaced", async () => {
  const harness = await ClientHarness.wait(server);
  const value = { reason: SessionClosed_Reason.SUPERSEDED, shouldReconnect: false };
  await server.stream.control({ case: "sessionClosed", value });
  await pass(5 * MINUTE_MS);
  expect([harness.status, server.streams.length]).toEqual(["closed", 1]);
});
