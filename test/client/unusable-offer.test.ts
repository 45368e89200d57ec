import { beforeEach, describe, expect, it } from "vitest";
import { MatchEnded_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { Description_Type, Role } from "../../gen/satoshigle/v1/signal_pb.js";
import { descriptionSignal, fromDescription } from "../../src/client/call/signals.js";
import { stubPeerConnection } from "./fake-peer-connection.js";
import { pass, ScriptedServer, settle } from "./scripted-server.js";
import { useFakeClock, ClientHarness } from "./client-harness.js";

useFakeClock();

const handshakeMs = 20_000;
const nonsense = fromDescription("offer", "nonsense", "them");

let server: ScriptedServer;
beforeEach(() => {
  stubPeerConnection();
  server = new ScriptedServer();
});

/** The descriptions that were sent, with their types and connections. */
function described(): { type: Description_Type; connectionId: string }[] {
  return server.sends.flatMap(({ signals }) =>
    signals.flatMap(({ kind }) => (kind.case === "description" ? [kind.value] : [])),
  );
}

async function end(requeued: boolean): Promise<void> {
  const value = { matchId: "m1", reason: MatchEnded_Reason.UNRESPONSIVE, requeued };
  await server.stream.event({ case: "matchEnded", value });
  if (requeued) await server.stream.event({ case: "waiting", value: { waitingCount: 1 } });
  await settle();
}

/** A match whose offer this browser cannot apply, up to the handshake deadline. */
const stalls = {
  "that came with the match": async () => {
    const harness = await ClientHarness.wait(server);
    const value = { matchId: "m1", role: Role.ANSWERER, offer: nonsense };
    await server.stream.event({ case: "matched", value });
    await pass(handshakeMs);
    return harness;
  },
  "that came after it": async () => {
    const harness = await ClientHarness.match(server);
    const value = { matchId: "m1", signals: [descriptionSignal(nonsense)] };
    await server.stream.event({ case: "signalReceived", value });
    await pass(handshakeMs);
    return harness;
  },
};

describe.each(Object.entries(stalls))("an offer that this browser cannot apply, %s", (_, stall) => {
  it("is not answered; one new connection is offered instead, until the server ends the match", async () => {
    const harness = await stall();
    expect(new Set(described().map(({ type }) => type))).toEqual(new Set([Description_Type.OFFER]));
    expect(new Set(described().map(({ connectionId }) => connectionId)).size).toBe(1);
    expect(server.sends.length).toBeLessThan(10);
    expect([harness.phase, server.names, harness.errors]).toEqual([
      "matched",
      expect.not.arrayContaining(["leave"]),
      [],
    ]);
  });

  it("does not affect the place in the queue", async () => {
    const harness = await stall();
    await end(true);
    const sent = server.sends.length;
    await pass(handshakeMs);
    expect([harness.phase, harness.ended, harness.errors]).toEqual(["waiting", [["m1", "unresponsive", true]], []]);
    expect([server.matches.length, server.sends.length]).toEqual([1, sent]);
  });

  it("does not search again automatically if it happened too often", async () => {
    const harness = await stall();
    await end(false);
    await pass(handshakeMs);
    expect([harness.phase, harness.ended]).toEqual(["idle", [["m1", "unresponsive", false]]]);
    expect(server.matches).toHaveLength(1);
  });
});
