import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { beforeEach, describe, expect, it } from "vitest";
import { IceServerSchema, IceTransportPolicy, Role, type IceServer } from "../../gen/satoshigle/v1/signal_pb.js";
import { IceServers } from "../../src/client/call/ice-servers.js";
import { FakePeerConnection, stubPeerConnection } from "./fake-peer-connection.js";
import { away, limitReached, pass, relayServers, ScriptedServer, settle, snapshotOf } from "./scripted-server.js";
import { useFakeClock, ClientHarness } from "./client-harness.js";

useFakeClock();

const stun = [create(IceServerSchema, { urls: ["stun:x"] })];
const turn = (name = "ann") => relayServers(name).map((one) => create(IceServerSchema, one));

describe("the servers to gather with", () => {
  let asked: number;
  let answer: () => Promise<IceServer[]>;
  let wanted: boolean;
  let warnings: string[];
  let ice: IceServers;
  beforeEach(() => {
    asked = 0;
    answer = () => Promise.resolve([...stun, ...turn()]);
    wanted = false;
    warnings = [];
    ice = new IceServers({
      fetch: () => {
        asked++;
        return answer();
      },
      isWanted: () => wanted,
      warn: (code) => warnings.push(code),
    });
    ice.welcome(stun, true);
  });

  it("are requested once, and again when they are about to expire", async () => {
    expect(ice.servers).toEqual([{ urls: ["stun:x"] }]);
    await Promise.all([ice.refresh(), ice.refresh()]);
    expect(ice.servers).toMatchObject([{}, { username: "ann", credential: "secret" }]);
    await pass(400_000);
    await ice.refresh();
    expect(asked).toBe(1);
    await pass(100_000);
    expect([ice.needsCredentials, ice.hasRelay]).toEqual([true, true]);
    await pass(75_000);
    expect([ice.hasRelay, ice.servers]).toEqual([false, [{ urls: ["stun:x"] }]]);
    await ice.refresh();
    expect([ice.hasRelay, asked]).toEqual([true, 2]);
  });

  it("are renewed in time while the person wants calls, and only then", async () => {
    await ice.refresh();
    await pass(480_000);
    expect(asked).toBe(1);
    await ice.refresh();
    wanted = true;
    for (let minutes = 0; minutes < 60; minutes++) {
      await pass(60_000);
      expect(ice.hasRelay).toBe(true);
    }
    expect(asked).toBe(9);
  });

  it("are used while they are valid, even if they cannot be renewed now", async () => {
    ice.update(turn("match"));
    answer = () => new Promise(() => undefined);
    await pass(500_000);
    expect(await ice.fresh(true)).toMatchObject([{ username: "match" }]);
    expect(asked).toBe(1);
  });

  it("are waited for longer where nothing works without them", async () => {
    answer = () => new Promise((resolve) => setTimeout(() => resolve(turn()), 4_000));
    const [direct, relayed] = [ice.fresh(), ice.fresh(true)];
    await pass(4_000);
    expect([await direct, await relayed]).toMatchObject([[{ urls: ["stun:x"] }], [{ username: "ann" }]]);
    expect(asked).toBe(1);
  });

  it("are requested again soon after the server could not be reached", async () => {
    answer = () => Promise.reject(away());
    await ice.refresh();
    answer = () => Promise.resolve(turn());
    await pass(1_000);
    await ice.fresh();
    expect([asked, ice.hasRelay]).toEqual([2, true]);
  });

  it("of a short lifetime are used for most of it", async () => {
    ice.update(turn().map((one) => ({ ...one, lifetime: durationFromMs(20_000) })));
    await pass(14_900);
    expect(ice.needsCredentials).toBe(false);
    await pass(200);
    expect([ice.needsCredentials, ice.hasRelay]).toEqual([true, true]);
    await pass(4_000);
    expect(ice.hasRelay).toBe(false);
  });

  it("are replaced when the relay refuses them, but not at once when they are new", async () => {
    ice.update(turn("match"));
    ice.credentialsRefused("of an older match");
    expect([ice.hasRelay, warnings]).toEqual([true, []]);
    await pass(60_000);
    ice.credentialsRefused("match");
    ice.credentialsRefused("match");
    expect([ice.hasRelay, warnings]).toEqual([false, ["turn_credentials_refused"]]);
    await ice.fresh();
    expect([asked, ice.hasRelay]).toEqual([1, true]);
    ice.credentialsRefused("ann");
    await ice.fresh();
    expect([asked, ice.hasRelay]).toEqual([1, false]);
    await pass(10_000);
    await ice.fresh();
    expect([asked, ice.hasRelay]).toEqual([2, true]);
  });

  it("stay those of the match when another stream opens", () => {
    ice.update(turn("match"));
    ice.welcome(stun, true);
    expect(ice.servers).toMatchObject([{ username: "match" }]);
  });

  it("stay where a match brings none", () => {
    ice.update(turn("match"));
    ice.update([]);
    expect(ice.servers).toMatchObject([{ username: "match" }]);
  });

  it("are not requested without a relay", async () => {
    ice.welcome(stun, false);
    await ice.refresh();
    expect([asked, ice.needsCredentials]).toEqual([0, false]);
  });

  it("do not delay calls, and are not requested while a limit applies", async () => {
    answer = () => Promise.reject(limitReached(60_000));
    await ice.refresh();
    await pass(59_000);
    await ice.refresh();
    expect(asked).toBe(1);
    answer = () => new Promise(() => undefined);
    await pass(2_000);
    let waited = true;
    void ice.refresh().then(() => (waited = false));
    await pass(1_600);
    expect([waited, asked]).toEqual([false, 2]);
  });
});

describe("a client", () => {
  let server: ScriptedServer;
  beforeEach(() => {
    stubPeerConnection();
    server = new ScriptedServer();
  });

  const usernames = () =>
    FakePeerConnection.all.map(({ configuration }) => configuration.iceServers?.map(({ username }) => username));
  const matched = (more: object = {}) => ({
    case: "matched" as const,
    value: { matchId: "m1", role: Role.OFFERER, iceServers: relayServers("of the match"), ...more },
  });

  async function arrive(welcome: object, options: object = {}): Promise<ClientHarness> {
    const harness = new ClientHarness(server, options);
    void harness.client.connect();
    await settle();
    await server.stream.welcome(welcome);
    return harness;
  }

  it("starts without waiting for credentials, and uses those of the match", async () => {
    const harness = await arrive({ relayAvailable: true });
    server.onCall = (name) => (name === "getIceServers" ? new Promise(() => undefined) : undefined);
    void harness.client.start();
    await settle();
    expect(server.names).toContain("match");
    expect(server.matches[0]?.offer?.sdp).toContain("v=0");
    await server.stream.event(matched());
    expect(usernames().at(-1)).toEqual(["of the match"]);
  });

  it("requests none without a relay", async () => {
    const harness = await arrive({ relayAvailable: false });
    void harness.client.start();
    await settle();
    await server.stream.event(matched({ iceServers: [] }));
    await pass(20_000);
    expect(server.names).not.toContain("getIceServers");
  });

  it("requests none before start", async () => {
    const harness = await arrive({ relayAvailable: true });
    await harness.client.setMedia(new MediaStream());
    await settle();
    expect([server.names, FakePeerConnection.all]).toEqual([[], [expect.anything()]]);
  });

  it("gathers for relayed calls only with credentials", async () => {
    const harness = await arrive({ relayAvailable: true, iceTransportPolicy: IceTransportPolicy.RELAY });
    await harness.client.setMedia(new MediaStream());
    await settle();
    expect(FakePeerConnection.all).toEqual([]);
    void harness.client.start();
    await settle();
    expect(server.names).toEqual(["getIceServers", "match"]);
    expect(usernames()).toEqual([["1:anna"]]);
  });

  it("has fresh credentials to restart an older call, even if the server does not answer then", async () => {
    const harness = await arrive({ relayAvailable: true });
    void harness.client.start();
    await settle();
    await server.stream.event(matched());
    const connection = FakePeerConnection.all.at(-1);
    if (!connection) throw new Error("no connection was made");
    connection.currentRemoteDescription = { type: "answer", sdp: "v=0" };
    connection.signalingState = "stable";
    for (const state of ["connected", "failed"] as const) {
      if (state === "failed")
        for (let times = 0; times < 60; times++) {
          await pass(10_000);
          await server.stream.control({ case: "heartbeat", value: {} });
        }
      if (state === "failed") server.onCall = () => new Promise(() => undefined);
      connection.connectionState = state;
      connection.onconnectionstatechange?.();
    }
    await pass(10);
    expect(connection.configuration.iceServers?.at(-1)?.username).toMatch(/:anna$/);
  });

  it("never keeps an offer beyond the credentials that it was gathered with, and always has one", async () => {
    const testClient = await arrive({ relayAvailable: true });
    void testClient.client.start();
    await settle();
    const iceServers = relayServers("short").map((one) => ({ ...one, lifetime: durationFromMs(60_000) }));
    await server.stream.event(matched({ iceServers }));
    const call = FakePeerConnection.all.at(-1);
    if (!call) throw new Error("no connection was made");
    call.connectionState = "connected";
    call.onconnectionstatechange?.();
    await pass(1_500); // the next offer is prepared when the first frames were shown
    const offer = FakePeerConnection.all.at(-1);
    expect([offer === call, usernames().at(-1)]).toEqual([false, ["short"]]);
    await pass(54_500);
    await server.stream.control({ case: "heartbeat", value: {} });
    expect(offer?.signalingState).toBe("have-local-offer");
    await pass(1_500);
    expect([offer?.signalingState, call.signalingState]).toEqual(["closed", "have-local-offer"]);
    expect(usernames().at(-1)?.[0]).toMatch(/:anna$/);
    expect(FakePeerConnection.all.at(-1)?.signalingState).toBe("have-local-offer");
  });

  it("requests credentials when a snapshot contains a match", async () => {
    const inMatch = { matchId: "m1", role: Role.OFFERER, partnerPresent: true };
    const storage = new Map([
      ["satoshigle:http://server.test", JSON.stringify({ id: "anna", token: "secret", wanted: true })],
    ]);
    const kept = {
      getItem: (key: string) => storage.get(key) ?? null,
      setItem: () => undefined,
      removeItem: () => undefined,
    };
    await arrive({ relayAvailable: true, ...snapshotOf({ case: "inMatch", value: inMatch }) }, { storage: kept });
    await pass(10);
    expect(server.names.filter((name) => name === "getIceServers")).toHaveLength(1);
    expect(usernames()[0]).toEqual(["1:anna"]);
  });
});
