import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { beforeEach, describe, expect, it } from "vitest";
import { ErrorInfoSchema, RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { SessionClosed_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { Role } from "../../gen/satoshigle/v1/signal_pb.js";
import { ClientHarness, createStorage, outcome, useFakeClock } from "./client-harness.js";
import { App } from "./identity-app.js";
import { pass, type ScriptedServer, sessionOver, settle, snapshotOf } from "./scripted-server.js";

useFakeClock();

const MINUTE_MS = 60_000;

function refused(reason: string, metadata: Record<string, string> = {}): ConnectError {
  const value = { reason, metadata };
  return new ConnectError("refused", Code.Unauthenticated, undefined, [{ desc: ErrorInfoSchema, value }]);
}

const refusedToken = (problem: string) => refused("IDENTITY_REFUSED", { field: "identity_token", problem });

function keysAway(retryAfterMs: number): ConnectError {
  return new ConnectError("no keys", Code.Unavailable, undefined, [
    { desc: ErrorInfoSchema, value: { reason: "IDENTITY_UNAVAILABLE" } },
    { desc: RetryInfoSchema, value: { retryDelay: durationFromMs(retryAfterMs) } },
  ]);
}

let app: App;
let server: ScriptedServer;
beforeEach(() => {
  app = new App();
  ({ server } = app);
});

const tokens = () => server.streams.map(({ token }) => token);

describe("a token that the server refuses", () => {
  it("is replaced once", async () => {
    const { harness, connected } = await app.call();
    await server.stream.fail(refusedToken("expired"));
    expect(app.sent()).toEqual([1, 2]);
    await server.stream.welcome();
    expect(await connected).toBe("done");
    expect(harness.errors).toEqual([]);
  });

  it.each(["expired", "signature", "claim", "not_configured"])("twice ends the stream: %s", async (problem) => {
    const { harness, connected } = await app.call();
    await server.stream.fail(refusedToken(problem));
    await server.stream.fail(refusedToken(problem));
    expect(await connected).toBe("identity_refused");
    expect(harness.errors).toMatchObject([{ code: "identity_refused", problem, field: "identity_token" }]);
    await pass(MINUTE_MS);
    expect([server.streams.length, harness.status]).toEqual([2, "closed"]);
    // The person signs in again, and presses Start.
    const again = outcome(harness.client.connect());
    await settle();
    await server.stream.welcome();
    expect(await again).toBe("done");
  });

  it("does not end a session, which continues without one", async () => {
    const harness = await ClientHarness.match(server, { identity: app.identity });
    await app.reconnect();
    await server.stream.fail(refusedToken("signature"));
    await server.stream.fail(refusedToken("signature"));
    expect(app.sent()).toEqual([1, 1, 2, undefined]);
    expect(server.stream.token).toBe("Bearer secret");
    await server.stream.welcome({ resumed: true, lastSequence: 2 });
    expect([harness.phase, harness.status, harness.errors]).toEqual(["matched", "online", []]);
  });

  it("ends the stream if the session is refused without one", async () => {
    const harness = await app.arrive();
    await app.reconnect();
    for (let times = 0; times < 3; times++) await server.stream.fail(refusedToken("signature"));
    await pass(MINUTE_MS);
    expect(server.streams).toHaveLength(4);
    expect(harness.status).toBe("closed");
  });

  it("is about another person than the session, which is then given up", async () => {
    const storage = createStorage();
    const before = await ClientHarness.wait(server, { identity: app.identity, storage });
    before.client.on("error", () => undefined);
    const reloaded = await app.call({ storage });
    await server.stream.fail(refusedToken("other_person"));
    expect(tokens()).toEqual([null, "Bearer secret", null]);
    await server.stream.welcome({ sessionId: "bob", token: "of bob", epoch: "e2" });
    expect(await reloaded.connected).toBe("done");
    // Nobody is put on camera because somebody else had pressed Start.
    expect(reloaded.harness.phase).toBe("idle");
    expect(server.matches).toHaveLength(1);
  });

  it("is sent again when the session is over", async () => {
    await app.arrive();
    await app.reconnect();
    await server.stream.fail(sessionOver());
    expect(tokens()).toEqual([null, "Bearer secret", null]);
    expect(app.sent()).toEqual([1, 1, 1]);
  });
});

describe("a server", () => {
  it("that requires an identity ends the stream", async () => {
    const { harness, connected } = await app.call({ identity: undefined } as never);
    await server.stream.fail(refused("IDENTITY_REQUIRED"));
    expect(await connected).toBe("identity_required");
    await pass(MINUTE_MS);
    expect(harness.errors.map(({ code }) => code)).toEqual(["identity_required"]);
    expect([server.streams.length, harness.status]).toEqual([1, "closed"]);
  });

  it("that cannot verify tokens is called again when it says", async () => {
    const { harness, connected } = await app.call();
    await server.stream.fail(keysAway(15_000));
    expect(harness.errors).toMatchObject([{ code: "identity_unavailable", retryAfterMs: 15_000 }]);
    await pass(14_000);
    expect(server.streams).toHaveLength(1);
    await pass(2_000);
    await server.stream.welcome();
    expect(await connected).toBe("done");
    expect(app.asked).toBe(1);
  });

  it("that cannot verify tokens keeps sessions", async () => {
    const harness = await app.arrive();
    await app.reconnect();
    await server.stream.fail(keysAway(15_000));
    expect(app.sent()).toEqual([1, 1, undefined]);
    await server.stream.welcome({ resumed: true });
    expect([harness.status, harness.errors]).toEqual(["online", []]);
  });
});

describe("a further session of the person", () => {
  const superseded = { reason: SessionClosed_Reason.SUPERSEDED, shouldReconnect: false };

  it("ends this one for good", async () => {
    const storage = createStorage();
    const harness = await ClientHarness.match(server, { identity: app.identity, storage });
    await server.stream.control({ case: "sessionClosed", value: superseded });
    await pass(60 * MINUTE_MS);
    expect(harness.errors.map(({ code }) => code)).toEqual(["superseded"]);
    expect([harness.status, harness.phase, server.streams.length]).toEqual(["closed", "idle", 1]);
    expect(harness.ended).toEqual([["m1", "left", false]]);
    // A reload does not take the place of the other session.
    expect(new ClientHarness(server, { identity: app.identity, storage }).client.resumable).toBe(false);
  });

  it("is not what ended this one when the app did, which ends it for good too", async () => {
    const storage = createStorage();
    const harness = await ClientHarness.match(server, { identity: app.identity, storage });
    await server.stream.control({ case: "sessionClosed", value: { reason: SessionClosed_Reason.REMOVED } });
    await pass(60 * MINUTE_MS);
    expect(harness.errors.map(({ code }) => code)).toEqual(["removed"]);
    expect([harness.status, server.streams.length]).toEqual(["closed", 1]);
    expect(new ClientHarness(server, { identity: app.identity, storage }).client.resumable).toBe(false);
  });

  it("gives way to this one when the person presses Start here", async () => {
    const harness = await app.arrive();
    await server.stream.control({ case: "sessionClosed", value: superseded });
    const started = outcome(harness.client.start());
    await settle();
    expect(tokens()).toEqual([null, null]);
    await server.stream.welcome({ sessionId: "second", token: "other" });
    expect(await started).toBe("done");
  });
});

describe("the profile of a partner", () => {
  const partnerProfile = { name: "Bob", pictureUrl: "https://app.test/bob.png", badges: ["verified"] };
  const matched = { matchId: "m1", role: Role.ANSWERER };

  it("arrives with the match", async () => {
    const harness = await ClientHarness.wait(server);
    const heard: unknown[] = [];
    harness.client.on("matched", ({ profile }) => heard.push(profile));
    await server.stream.event({ case: "matched", value: { ...matched, partnerProfile } });
    expect(heard).toEqual([partnerProfile]);
    expect(harness.client.state.activity).toMatchObject({ phase: "matched", profile: partnerProfile });
  });

  it("is there after a reload", async () => {
    const storage = createStorage();
    await ClientHarness.match(server, { storage });
    const { harness } = await app.call({ storage });
    const inMatch = { ...matched, partnerPresent: true, partnerProfile: { badges: ["verified"] } };
    await server.stream.welcome(snapshotOf({ case: "inMatch", value: inMatch }));
    expect(harness.client.state.activity).toMatchObject({
      profile: { name: undefined, pictureUrl: undefined, badges: ["verified"] },
    });
  });

  it("is null for an anonymous partner", async () => {
    const harness = await ClientHarness.match(server);
    expect(harness.client.state.activity).toMatchObject({ phase: "matched", profile: null });
  });
});
