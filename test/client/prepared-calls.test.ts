import { beforeEach, describe, expect, it } from "vitest";
import { Description_Type, Role, type Description } from "../../gen/satoshigle/v1/signal_pb.js";
import { descriptionSignal, fromDescription } from "../../src/client/call/signals.js";
import { FakePeerConnection, stubPeerConnection } from "./fake-peer-connection.js";
import { pass, ScriptedServer, settle } from "./scripted-server.js";
import { ClientHarness, useFakeClock } from "./client-harness.js";

useFakeClock();

const partnerOffer = fromDescription("offer", "v=0\r\na=ice-ufrag:them\r\n", "them");

let server: ScriptedServer;
beforeEach(() => {
  stubPeerConnection();
  server = new ScriptedServer();
});

const newest = (): FakePeerConnection | undefined => FakePeerConnection.all.at(-1);

/** What the partner gets, call by call. */
const sent = () =>
  server.sends.map(({ signals }) =>
    signals.map(({ kind }) => {
      if (kind.case === "description") return Description_Type[kind.value.type];
      return kind.case === "candidate" ? kind.value.candidate.split(" ")[4] : kind.case;
    }),
  );

const descriptionsSent = (): Description[] =>
  server.sends.flatMap(({ signals }) =>
    signals.flatMap(({ kind }) => (kind.case === "description" ? [kind.value] : [])),
  );

async function matched(role: Role, offer?: Description): Promise<void> {
  await server.stream.event({ case: "matched", value: { matchId: "m1", role, ...(offer && { offer }) } });
  await settle();
}

describe("a side that waits", () => {
  it("gathers candidates for the partner's offer, without an offer of its own", async () => {
    await ClientHarness.wait(server);
    await settle();
    expect(newest()?.configuration.iceCandidatePoolSize).toBe(1);
    expect(newest()?.signalingState).toBe("stable");
    expect(FakePeerConnection.all.map(({ signalingState }) => signalingState)).toEqual(["closed", "stable"]);
  });

  it("answers with that connection, in one call", async () => {
    await ClientHarness.wait(server);
    await settle();
    const prepared = newest();
    await matched(Role.ANSWERER, partnerOffer);
    await pass(100);
    expect(newest()).toBe(prepared);
    expect(prepared?.currentRemoteDescription?.sdp).toBe(partnerOffer.sdp);
    expect(sent()).toEqual([["ANSWER"]]);
    expect(descriptionsSent()[0]?.connectionId).toMatch(/-them$/);
  });

  it("answers in browsers without provisional answers, too", async () => {
    FakePeerConnection.hasProvisionalAnswers = false;
    await ClientHarness.wait(server);
    await settle();
    await matched(Role.ANSWERER, partnerOffer);
    await pass(100);
    expect(sent()).toEqual([["ANSWER"]]);
  });

  it("offers with that connection when no offer came with the match", async () => {
    await ClientHarness.wait(server);
    await settle();
    const prepared = newest();
    await matched(Role.OFFERER);
    await pass(100);
    expect(newest()).toBe(prepared);
    expect(sent()).toEqual([["OFFER"]]);
  });

  it("prepares another connection when the first becomes too old", async () => {
    await ClientHarness.wait(server);
    await settle();
    const prepared = newest();
    await pass(5 * 60_000);
    expect(prepared?.signalingState).toBe("closed");
    expect(newest()?.signalingState).toBe("stable");
  });

  it("ignores an answer to an offer that it has discarded", async () => {
    await ClientHarness.wait(server);
    await settle();
    const discarded = server.matches[0]?.offer?.connectionId ?? "";
    await matched(Role.OFFERER);
    await pass(100);
    const answer = fromDescription("answer", "v=0", `${"0".repeat(16)}-${discarded}`);
    const value = { matchId: "m1", signals: [descriptionSignal(answer)] };
    await server.stream.event({ case: "signalReceived", value });
    await settle();
    expect(newest()?.signalingState).toBe("have-local-offer");
  });
});

describe("candidates", () => {
  it("travel in the offer of Match, which waits for them for 60 milliseconds at most", async () => {
    const harness = await ClientHarness.arrive(server);
    FakePeerConnection.gatheringAtFirst = "gathering";
    const started = harness.client.start();
    await settle();
    newest()?.find("10.0.0.1");
    await pass(59);
    expect(server.matches).toHaveLength(0);
    await pass(2);
    await started;
    expect(server.matches[0]?.offer?.sdp).toContain("10.0.0.1");
  });

  it("delay a description by 60 milliseconds at most", async () => {
    await ClientHarness.wait(server);
    await settle();
    const prepared = newest();
    if (prepared) prepared.iceGatheringState = "gathering";
    await matched(Role.ANSWERER, partnerOffer);
    await pass(59);
    expect(sent()).toEqual([]);
    await pass(2);
    expect(sent()).toEqual([["ANSWER"]]);
  });

  it("that are found meanwhile travel in the answer", async () => {
    await ClientHarness.wait(server);
    await settle();
    const prepared = newest();
    if (prepared) prepared.iceGatheringState = "gathering";
    await matched(Role.ANSWERER, partnerOffer);
    prepared?.find("10.0.0.1");
    prepared?.complete();
    await pass(1);
    expect(sent()).toEqual([["ANSWER"]]);
    expect(descriptionsSent()[0]?.sdp).toContain("10.0.0.1");
  });

  it("that come later travel together, with their end", async () => {
    await ClientHarness.wait(server);
    await settle();
    const prepared = newest();
    if (prepared) prepared.iceGatheringState = "gathering";
    await matched(Role.ANSWERER, partnerOffer);
    await pass(61);
    prepared?.find("10.0.0.1");
    prepared?.find("10.0.0.2");
    prepared?.complete();
    await pass(20);
    expect(sent()).toEqual([["ANSWER"], ["10.0.0.1", "10.0.0.2", "candidatesDone"]]);
  });
});

it("prepares a call before the person has started, if the page wants that", async () => {
  const { client } = new ClientHarness(server);
  const connected = client.connect({ prepareCall: true });
  await settle();
  await server.stream.welcome();
  await connected;
  await settle();
  expect(newest()?.signalingState).toBe("have-local-offer");
});

it("prepares no call on its own before the person has started", async () => {
  await ClientHarness.arrive(server);
  await settle();
  expect(FakePeerConnection.all).toEqual([]);
});
