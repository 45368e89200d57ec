import { beforeEach, describe, expect, it } from "vitest";
import { MatchEnded_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { Role as WireRole } from "../../gen/satoshigle/v1/signal_pb.js";
import { Role } from "../../src/client/gen/satoshigle/v1/signal_pb.js";
import type { Preferences } from "../../src/client/index.js";
import { FakePeerConnection, stubPeerConnection } from "./fake-peer-connection.js";
import { NegotiationSide } from "./negotiation-side.js";
import { pass, ScriptedServer, settle } from "./scripted-server.js";
import { ClientHarness, useFakeClock } from "./client-harness.js";

useFakeClock();

let server: ScriptedServer;
beforeEach(() => {
  stubPeerConnection();
  server = new ScriptedServer();
});

const nowhere = { audio: "inactive", video: "inactive" };
const everywhere = { audio: "sendrecv", video: "sendrecv" };
const nothing = { audio: false, video: false };
const everything = { audio: true, video: true };

describe("a mode that is binding", () => {
  it.each([
    ["", everything, { audio: "sendrecv", video: "sendrecv" }],
    ["video", nothing, { audio: "sendonly", video: "sendonly" }],
    ["audio", everything, { audio: "sendrecv", video: "recvonly" }],
    ["audio", nothing, { audio: "sendonly", video: "inactive" }],
    ["text", everything, { audio: "inactive", video: "inactive" }],
    ["text", nothing, { audio: "inactive", video: "inactive" }],
  ])("%j limits what a side negotiates that receives %j", async (mode, receiving, directions) => {
    const side = new NegotiationSide(Role.OFFERER);
    Object.assign(side.peerSource, { mode, receiving });
    await side.act(() => side.negotiation.startOver());
    expect(side.connection.directions).toEqual(directions);
    for (const wish of [nothing, everything, receiving]) side.negotiation.peer?.setReceiving(wish);
    expect(side.connection.directions).toEqual(directions);
  });
});

/** The attribute, where people can seek by it. */
const sought = { name: "mode", values: ["video", "audio", "text"], saidByClient: true, filterable: true, maxValues: 1 };

/** What the offer of a search negotiates. */
async function offered(welcome: object, preferences?: Preferences): Promise<unknown> {
  const harness = new ClientHarness(server);
  const connected = harness.client.connect({ prepareCall: true });
  await settle();
  await server.stream.welcome(welcome);
  await connected;
  await settle();
  const started = harness.client.start(preferences);
  await settle();
  await pass(100);
  await started;
  expect(server.matches.at(-1)?.offer).toBeDefined();
  const newest = FakePeerConnection.all.at(-1);
  expect(newest?.signalingState).toBe("have-local-offer");
  await harness.client.close();
  return newest?.directions;
}

const inMode = (mode: string): Preferences => ({ attributes: { mode: [mode] } });

describe("a search", () => {
  it("offers what its mode allows, also if a call was prepared before", async () => {
    expect(await offered({ attributes: [sought] }, inMode("text"))).toEqual({ audio: "inactive", video: "inactive" });
    expect(await offered({ attributes: [sought] }, inMode("audio"))).toEqual({ audio: "sendrecv", video: "recvonly" });
    expect(await offered({ attributes: [sought] }, inMode("video"))).toEqual({ audio: "sendrecv", video: "sendrecv" });
  });

  it("offers anything where the mode is only told", async () => {
    expect(await offered({}, inMode("text"))).toEqual({ audio: "sendrecv", video: "sendrecv" });
  });

  it("offers a data channel only if the app restricts the person, whatever the mode", async () => {
    const limited = { modeLimit: "text" };
    expect(await offered(limited)).toEqual({ audio: "inactive", video: "inactive" });
    expect(await offered(limited, inMode("video"))).toEqual({ audio: "inactive", video: "inactive" });
  });
});

describe("the state", () => {
  it("has the limit of the session and the mode of the match, which page and person cannot exceed", async () => {
    const harness = new ClientHarness(server);
    expect(harness.client.state.modeLimit).toBe("");
    const started = harness.client.start(inMode("video"));
    await settle();
    await server.stream.welcome({ modeLimit: "text" });
    await started;
    expect(harness.client.state).toMatchObject({ modeLimit: "text", attributes: [] });
    await server.stream.event({ case: "matched", value: { matchId: "m1", role: WireRole.ANSWERER } });
    expect(harness.client.state.activity).toMatchObject({ mode: "text", partnerMode: "video" });
    await server.stream.end();
    await pass(10_000);
    await server.stream.welcome({ resumed: true });
    expect(harness.client.state.modeLimit).toBe("");
  });

  it.each([
    [[sought], "text", "text"],
    [[sought], "audio", "audio"],
    [[sought], "video", "video"],
    [[], "text", "video"],
  ])("has the mode that the search said where it is binding: %#", async (attributes, said, mode) => {
    const harness = new ClientHarness(server);
    const started = harness.client.start(inMode(said));
    await settle();
    await server.stream.welcome({ attributes });
    await started;
    await server.stream.event({ case: "matched", value: { matchId: "m1", role: WireRole.ANSWERER } });
    expect(harness.client.state.activity).toMatchObject({ phase: "matched", mode });
  });
});

describe("a match that began with an earlier mode", () => {
  it.each([
    ["text", "video", nowhere],
    ["", "text", nowhere],
    ["audio", "text", nowhere],
    ["text", "audio", nowhere],
    ["", "video", everywhere],
  ])("%j negotiates the narrower of both: now %j", async (matchedAs, said, directions) => {
    const harness = new ClientHarness(server);
    const started = harness.client.start(inMode(said));
    await settle();
    await server.stream.welcome({ attributes: [sought] });
    await started;
    const value = { matchId: "m1", role: WireRole.OFFERER, ownMode: matchedAs };
    await server.stream.event({ case: "matched", value });
    await pass(200);
    expect(FakePeerConnection.all.at(-1)?.directions).toEqual(directions);
    await harness.client.close();
  });

  it("is followed by a search with the newer preferences", async () => {
    const harness = await ClientHarness.wait(server);
    await settle();
    const changed = harness.client.start({ interests: ["chess"] });
    await server.stream.event({ case: "matched", value: { matchId: "m1", role: WireRole.ANSWERER } });
    await settle();
    await changed;
    const asked = server.matches.length;
    const reason = MatchEnded_Reason.PARTNER_LEFT;
    await server.stream.event({ case: "matchEnded", value: { matchId: "m1", reason, requeued: true } });
    await settle();
    expect(server.matches.slice(asked)).toMatchObject([{ preferences: { interests: ["chess"] } }]);
  });

  it("is followed by no search of its own if the server adopted the preferences before", async () => {
    const harness = await ClientHarness.wait(server);
    await settle();
    await harness.client.start({ interests: ["chess"] });
    await server.stream.event({ case: "waiting", value: { waitingCount: 1 } });
    await server.stream.event({ case: "matched", value: { matchId: "m1", role: WireRole.ANSWERER } });
    await settle();
    const asked = server.matches.length;
    const reason = MatchEnded_Reason.PARTNER_LEFT;
    await server.stream.event({ case: "matchEnded", value: { matchId: "m1", reason, requeued: true } });
    await settle();
    expect(server.matches).toHaveLength(asked);
  });
});

it("a reloaded page continues in the mode of its search", async () => {
  const stored = new Map<string, string>();
  const storage = {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
    removeItem: (key: string) => void stored.delete(key),
  };
  const before = new ClientHarness(server, { storage });
  const started = before.client.start(inMode("text"));
  await settle();
  await server.stream.welcome({ attributes: [sought] });
  await started;
  const again = new ClientHarness(server, { storage });
  const connected = again.client.connect();
  await settle();
  const inMatch = { matchId: "m1", role: WireRole.OFFERER, partnerPresent: true };
  await server.stream.welcome({ attributes: [sought], snapshot: { state: { case: "inMatch", value: inMatch } } });
  await connected;
  await pass(200);
  expect(FakePeerConnection.all.at(-1)?.directions).toEqual({ audio: "inactive", video: "inactive" });
});
