import { beforeEach, describe, expect, it } from "vitest";
import { SessionClosed_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { ClientHarness, createStorage, outcome, pendingTimers, useFakeClock } from "./client-harness.js";
import { App, tokenOf } from "./identity-app.js";
import { pass, type ScriptedServer, settle } from "./scripted-server.js";

useFakeClock();

const MINUTE_MS = 60_000;

let app: App;
let server: ScriptedServer;
beforeEach(() => {
  app = new App();
  ({ server } = app);
});

const tokens = () => server.streams.map(({ token }) => token);

/** Time passes, with the heartbeats of the server. */
async function live(ms: number): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 15_000) {
    await server.stream.control({ case: "heartbeat", value: {} });
    await pass(Math.min(15_000, ms - passedMs));
  }
}

describe("the token", () => {
  it("is sent with each stream, and asked for once", async () => {
    await app.arrive();
    await app.reconnect();
    expect(app.sent()).toEqual([1, 1]);
    expect(tokens()).toEqual([null, "Bearer secret"]);
    expect(app.asked).toBe(1);
  });

  it("is not asked for before the client connects", async () => {
    new ClientHarness(server, { identity: app.identity });
    await pass(MINUTE_MS);
    expect(app.asked).toBe(0);
  });

  it("is replaced before it expires", async () => {
    await app.arrive();
    await live(8.5 * MINUTE_MS);
    expect(app.asked).toBe(1);
    await live(MINUTE_MS);
    expect(app.asked).toBe(2);
    await live(9 * MINUTE_MS);
    expect(app.asked).toBe(3);
    await app.reconnect();
    expect(app.sent().at(-1)).toBe(3);
  });

  it("is replaced in time although the browser's clock is a day behind", async () => {
    app.aheadS = 86_400;
    await app.arrive();
    await live(9.5 * MINUTE_MS);
    expect([app.asked, server.streams.length]).toEqual([2, 1]);
  });

  it("is asked for at most twice a minute by a browser whose clock is a day ahead", async () => {
    app.aheadS = -86_400;
    await app.arrive();
    await live(10 * MINUTE_MS);
    expect(app.asked).toBeLessThanOrEqual(21);
    await app.reconnect();
    expect(app.sent().at(-1)).toBe(app.asked);
  });

  it("is used for as long as it is valid if the app cannot replace it", async () => {
    await app.arrive();
    app.answer = () => Promise.reject(new Error("the app is away"));
    await live(9.2 * MINUTE_MS);
    expect(app.asked).toBeGreaterThan(1);
    await app.reconnect();
    expect(app.sent()).toEqual([1, 1]);
  });

  it("is not replaced while the client is not connected", async () => {
    const harness = await app.arrive();
    await server.stream.control({ case: "sessionClosed", value: { reason: SessionClosed_Reason.BANNED } });
    await pass(60 * MINUTE_MS);
    expect(harness.status).toBe("closed");
    expect(app.asked).toBe(1);
  });

  it("is empty for somebody who is not signed in, who may sign in later", async () => {
    app.answer = () => null;
    const harness = await app.arrive();
    await live(60 * MINUTE_MS);
    expect(app.asked).toBe(1);
    app.answer = () => app.sign();
    await app.reconnect();
    expect(app.sent()).toEqual([undefined, 2]);
    expect(harness.errors.filter(({ code }) => code.startsWith("identity"))).toEqual([]);
  });

  it("is not needed any more by a client that is closed while the app is asked", async () => {
    app.answer = () => new Promise(() => undefined);
    const { harness, connected } = await app.call();
    await harness.client.close();
    expect(await connected).toBe("closed");
    await pass(MINUTE_MS);
    expect(app.signals[0]?.aborted).toBe(true);
    expect(server.streams).toHaveLength(0);
    expect(pendingTimers()).toEqual([]);
  });

  it("leaves no timer behind", async () => {
    const harness = await app.arrive();
    await harness.client.close();
    expect(pendingTimers()).toEqual([]);
  });
});

describe("an app that fails", () => {
  it("is asked again until it answers, and reported once", async () => {
    const cause = new Error("the app is away");
    app.answer = () => Promise.reject(cause);
    const { harness, connected } = await app.call();
    await pass(5_000);
    expect(app.asked).toBeGreaterThan(2);
    expect(harness.errors).toMatchObject([{ code: "identity_unavailable", cause }]);
    expect(harness.status).toBe("reconnecting");
    app.answer = () => app.sign();
    while (server.streams.length === 0) await pass(100);
    await server.stream.welcome();
    expect(await connected).toBe("done");
  });

  it("may throw before it returns a promise", async () => {
    const harness = new ClientHarness(server, {
      identity: () => {
        throw new Error("a bug of the app");
      },
    });
    const connected = outcome(harness.client.connect());
    await settle();
    expect(harness.errors).toMatchObject([{ code: "identity_unavailable" }]);
    await harness.client.close();
    expect(await connected).toBe("closed");
  });

  it("has ten seconds, and learns that they are over", async () => {
    app.answer = () => new Promise(() => undefined);
    const { harness } = await app.call();
    await pass(9_000);
    expect(harness.errors).toEqual([]);
    expect(app.signals[0]?.aborted).toBe(false);
    await pass(1_000);
    expect(harness.errors).toMatchObject([{ code: "identity_unavailable" }]);
    expect(app.signals[0]?.aborted).toBe(true);
    app.answer = () => app.sign();
    await pass(250);
    expect(app.sent()).toEqual([2]);
  });

  it.each<[what: string, answer: unknown]>([
    ["an empty text", ""],
    ["nothing", undefined],
    ["a number", 5],
    ["another text", "ann"],
    ["three parts without claims", "a.b.c"],
    ["four parts", `${tokenOf({})}.x`],
    ["no signature", tokenOf({}).replace(/[^.]*$/, "")],
    ["more than 4 KiB", tokenOf({ long: "a".repeat(4_096) })],
  ])("is not asked again if it returns %s", async (_what, answer) => {
    app.answer = () => answer;
    const { harness, connected } = await app.call();
    expect(await connected).toBe("identity_refused");
    expect(harness.errors).toMatchObject([{ code: "identity_refused", problem: "malformed" }]);
    await pass(MINUTE_MS);
    expect([app.asked, server.streams.length, harness.status]).toEqual([1, 0, "closed"]);
  });

  it("does not delay a session beyond the time of a reload", async () => {
    const storage = createStorage();
    await ClientHarness.match(server, { identity: app.identity, storage });
    app.answer = () => new Promise(() => undefined);
    await app.call({ storage });
    await pass(2_000);
    expect(server.streams).toHaveLength(1);
    await pass(1_000);
    expect(tokens()).toEqual([null, "Bearer secret"]);
    expect(app.sent()).toEqual([1, undefined]);
    await pass(7_000);
    expect(app.signals[1]?.aborted).toBe(true);
  });

  it("does not interrupt a session", async () => {
    const harness = await app.arrive();
    app.answer = () => Promise.reject(new Error("the app is away"));
    await live(11 * MINUTE_MS);
    await app.reconnect();
    expect(server.stream.request.identityToken).toBe("");
    expect(server.stream.token).toBe("Bearer secret");
    await server.stream.welcome({ resumed: true });
    expect(harness.status).toBe("online");
    expect(harness.errors.filter(({ code }) => code.startsWith("identity"))).toEqual([]);
  });
});
