import { create } from "@bufbuild/protobuf";
import { beforeEach, expect, it, vi } from "vitest";
import { IceServerSchema, Role } from "../../gen/satoshigle/v1/signal_pb.js";
import { ReportProblemRequest_Problem as Problem } from "../../gen/satoshigle/v1/signaling_pb.js";
import { IceServers } from "../../src/client/call/ice-servers.js";
import { PeerSource } from "../../src/client/call/peer-source.js";
import type { Warning } from "../../src/client/index.js";
import { FakePeerConnection, stubPeerConnection } from "./fake-peer-connection.js";
import { relayServers, ScriptedServer, settle } from "./scripted-server.js";
import { ClientHarness, useFakeClock } from "./client-harness.js";

useFakeClock();

/** A browser that refuses URLs with `bad` in them, as browsers refuse: all of a configuration for one URL. */
class FussyPeerConnection extends FakePeerConnection {
  constructor(configuration: RTCConfiguration) {
    FussyPeerConnection.check(configuration);
    super(configuration);
  }

  override setConfiguration(configuration: RTCConfiguration): void {
    FussyPeerConnection.check(configuration);
    super.setConfiguration(configuration);
  }

  static check({ iceServers = [] }: RTCConfiguration): void {
    if (iceServers.some(({ urls }) => [urls].flat().some((url) => url.includes("bad")))) {
      throw new SyntaxError("the URL is not valid");
    }
  }
}

const server = (...urls: string[]) => create(IceServerSchema, { urls });
let refused: string[];
let ice: IceServers;
beforeEach(() => {
  stubPeerConnection();
  vi.stubGlobal("RTCPeerConnection", FussyPeerConnection);
  refused = [];
  const warn = (_: string, message: string) => refused.push(message.split(" ")[5] ?? "");
  ice = new IceServers({ fetch: () => Promise.resolve([]), isWanted: () => false, warn });
});

const configured = () => FakePeerConnection.all.at(-1)?.configuration.iceServers?.map(({ urls }) => urls);

it("leaves out the URLs that the browser refuses, and names each once, without a password", () => {
  ice.update([server("stun:a", "stun:bad"), server("turn:ann:hunter2@bad.example"), server("stun:c")]);
  const source = new PeerSource(ice);
  source.create(false, "one");
  expect(configured()).toEqual([["stun:a"], ["stun:c"]]);
  source.create(false, "two");
  expect(configured()).toEqual([["stun:a"], ["stun:c"]]);
  expect(refused).toEqual(["stun:bad", "turn:bad.example"]);
});

it("leaves them out of the servers for a running call as well", () => {
  ice.update([server("stun:a")]);
  const peer = new PeerSource(ice).create(false, "one");
  const connection = FakePeerConnection.all.at(-1);
  ice.update([server("stun:b", "stun:bad")]);
  peer.renewIceServers();
  expect(connection?.configuration.iceServers).toEqual([{ urls: ["stun:b"] }]);
  expect(refused).toEqual(["stun:bad"]);
});

it("blames no URL when the browser makes no connection at all", () => {
  ice.update([server("stun:a")]);
  vi.stubGlobal("RTCPeerConnection", function () {
    throw new Error("too many connections");
  });
  expect(() => new PeerSource(ice).create(false, "one")).toThrow("too many connections");
  expect(refused).toEqual([]);
});

it("warns the page, and reports to the server once", async () => {
  const scripted = new ScriptedServer();
  const { client } = await ClientHarness.arrive(scripted);
  const warnings: Warning[] = [];
  client.on("warning", (warning) => warnings.push(warning));
  void client.start();
  await settle();
  const iceServers = [...relayServers("ann"), { urls: ["stun:bad"] }];
  await scripted.stream.event({ case: "matched", value: { matchId: "m1", role: Role.OFFERER, iceServers } });
  expect(warnings).toEqual([
    {
      code: "ice_url_refused",
      message: "This browser refuses the URL stun:bad of a STUN or TURN server.",
    },
  ]);
  expect(scripted.problems).toEqual([Problem.ICE_URL_REFUSED]);
  expect(FakePeerConnection.all[0]?.configuration.iceServers).toMatchObject([{ urls: ["turn:relay.test"] }]);
});
